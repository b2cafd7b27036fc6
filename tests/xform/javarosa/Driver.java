import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.Collectors;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.QuestionDef;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.model.utils.IPreloadHandler;
import org.javarosa.core.reference.PrefixedRootFactory;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormAnswerDataParser;
import org.javarosa.xform.util.XFormAnswerDataSerializer;
import org.javarosa.xform.util.XFormUtils;
import org.javarosa.xpath.XPathNodeset;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathExpression;
import org.javarosa.xpath.expr.XPathFuncExpr;

/** JavaRosa behind stdin and stdout: one command a line, fields parted by tabs and percent-encoded; one answer a line. */
public class Driver {
    private static FormDef form;
    private static FormEntryModel model;
    private static FormEntryController controller;

    public static void main(String[] words) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Seoul"));
        org.joda.time.DateTimeZone.setDefault(org.joda.time.DateTimeZone.forOffsetHours(9));
        new JavaRosaCoreModule().registerModule();
        new XFormsModule().registerModule();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", -1);
            for (int i = 0; i < parts.length; i++) parts[i] = URLDecoder.decode(parts[i], StandardCharsets.UTF_8);
            List<String> answer = new ArrayList<>();
            try {
                answer.add("ok");
                answer.addAll(answer(parts));
            } catch (Throwable thrown) {
                Throwable cause = thrown;
                while (cause.getCause() != null) cause = cause.getCause();
                answer = Arrays.asList("error", cause.getClass().getSimpleName() + ": " + cause.getMessage());
            }
            out.println(answer.stream().map(s -> URLEncoder.encode(s, StandardCharsets.UTF_8)).collect(Collectors.joining("\t")));
        }
    }

    private static List<String> answer(String[] words) throws Exception {
        switch (words[0]) {
            case "load": return load(words);
            case "set": return set(words[1], words[2]);
            case "check": return check(words[1], words[2]);
            case "repeat": return repeat(words[1]);
            case "remove": return remove(words[1]);
            case "walk": return walk();
            case "dump": return dump();
            case "choices": return choices(words[1]);
            case "evaluate": return evaluate(words[1], words[2]);
            case "label": return List.of(indexed(words[1]) == null ? "" : String.valueOf(model.getQuestionPrompt(indexed(words[1])).getQuestionText()));
            case "language": controller.setLanguage(words[1]); return List.of();
            case "submission": return submission();
            default: throw new IllegalArgumentException(words[0]);
        }
    }

    /** load, path of the form, milliseconds of the clock, then pairs of property and value. */
    private static List<String> load(String[] words) throws Exception {
        org.joda.time.DateTimeUtils.setCurrentMillisFixed(Long.parseLong(words[2]));
        Map<String, String> properties = new HashMap<>();
        for (int i = 3; i + 1 < words.length; i += 2) properties.put(words[i], words[i + 1]);
        serve(Path.of(words[1]).getParent());
        form = XFormUtils.getFormFromInputStream(new ByteArrayInputStream(Files.readAllBytes(Path.of(words[1]))));
        form.getPreloader().addPreloadHandler(new IPreloadHandler() {
            public String preloadHandled() { return "property"; }
            public IAnswerData handlePreload(String name) {
                return properties.containsKey(name) ? new StringData(properties.get(name)) : null;
            }
            public boolean handlePostProcess(TreeElement node, String name) { return false; }
        });
        form.initialize(true, new InstanceInitializationFactory());
        model = new FormEntryModel(form);
        controller = new FormEntryController(model);
        return List.of();
    }

    /** Let jr://file-csv/name and jr://file/name lead to the files beside the form. */
    private static void serve(Path folder) {
        ReferenceManager.instance().reset();
        ReferenceManager.instance().addReferenceFactory(new PrefixedRootFactory(new String[] {"file-csv", "file"}) {
            protected Reference factory(String terminal, String uri) {
                Path file = folder.resolve(Path.of(terminal).getFileName());
                return new Reference() {
                    public boolean doesBinaryExist() { return Files.exists(file); }
                    public InputStream getStream() throws IOException { return Files.newInputStream(file); }
                    public String getURI() { return uri; }
                    public String getLocalURI() { return file.toString(); }
                    public boolean isReadOnly() { return true; }
                    public OutputStream getOutputStream() { throw new UnsupportedOperationException(); }
                    public void remove() { throw new UnsupportedOperationException(); }
                    public Reference[] probeAlternativeReferences() { return new Reference[0]; }
                };
            }
        });
    }

    private static TreeReference reference(String path) {
        TreeReference reference = TreeReference.rootRef();
        for (String step : path.substring(1).split("/")) {
            int bracket = step.indexOf('[');
            if (bracket < 0) reference.add(step, 0);
            else reference.add(step.substring(0, bracket), Integer.parseInt(step.substring(bracket + 1, step.length() - 1)) - 1);
        }
        return reference;
    }

    private static IAnswerData typed(TreeElement node, String text) {
        if (text.isEmpty()) return null;
        QuestionDef question = FormDef.findQuestionByRef(node.getRef(), form);
        return XFormAnswerDataParser.getAnswerData(text, node.getDataType(), question);
    }

    private static List<String> set(String path, String text) {
        TreeReference reference = reference(path);
        form.setValue(typed(form.getMainInstance().resolveReference(reference), text), reference, true);
        return List.of();
    }

    private static List<String> check(String path, String text) {
        TreeReference reference = reference(path);
        IAnswerData candidate = typed(form.getMainInstance().resolveReference(reference), text);
        return List.of(String.valueOf(form.evaluateConstraint(reference, candidate)));
    }

    private static FormIndex find(String generic, int event) {
        FormIndex index = FormIndex.createBeginningOfFormIndex();
        TreeReference wanted = reference(generic);
        for (index = model.incrementIndex(index); index.isInForm(); index = model.incrementIndex(index)) {
            TreeReference here = index.getReference();
            if (model.getEvent(index) == event && here != null && here.equals(wanted)) return index;
        }
        return null;
    }

    private static FormIndex indexed(String path) {
        return find(path, FormEntryController.EVENT_QUESTION);
    }

    private static List<String> repeat(String path) throws Exception {
        FormIndex index = find(path, FormEntryController.EVENT_PROMPT_NEW_REPEAT);
        if (index == null) throw new IllegalStateException("no place for " + path);
        form.createNewRepeat(index);
        return List.of();
    }

    private static List<String> remove(String path) {
        FormIndex index = find(path, FormEntryController.EVENT_REPEAT);
        if (index == null) throw new IllegalStateException("no repeat " + path);
        form.deleteRepeat(index);
        return List.of();
    }

    /** Step over every relevant screen as a person does; counted repeats come to be on the way. */
    private static List<String> walk() {
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int i = 0; i < 100_000; i++) if (controller.stepToNextEvent() == FormEntryController.EVENT_END_OF_FORM) return List.of();
        throw new IllegalStateException("the form has no end");
    }

    private static String shown(TreeReference reference) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < reference.size(); i++) {
            text.append('/').append(reference.getName(i));
            if (reference.getMultiplicity(i) > 0) text.append('[').append(reference.getMultiplicity(i) + 1).append(']');
        }
        return text.toString();
    }

    private static List<String> dump() {
        List<String> found = new ArrayList<>();
        dump(form.getMainInstance().getRoot(), found);
        return found;
    }

    /** Four fields a node: path, relevant and required and readonly and constraint as signs, value. */
    private static void dump(TreeElement node, List<String> found) {
        if (node.getMult() == TreeReference.INDEX_TEMPLATE) return;
        if (node.getParent() != null && node.getDepth() > 0) {
            IAnswerData value = node.getValue();
            Object text = value == null ? "" : new XFormAnswerDataSerializer().serializeAnswerData(value, node.getDataType());
            String constraint;
            try {
                constraint = String.valueOf(form.evaluateConstraint(node.getRef(), value));
            } catch (RuntimeException thrown) {
                constraint = "error";
            }
            found.add(shown(node.getRef()));
            found.add(node.isRelevant() + " " + node.isRequired() + " " + constraint);
            found.add(String.valueOf(text));
        }
        for (int i = 0; i < node.getNumChildren(); i++) dump(node.getChildAt(i), found);
    }

    private static List<String> choices(String path) {
        FormIndex index = indexed(path);
        if (index == null) return List.of("absent");
        List<String> values = new ArrayList<>();
        for (SelectChoice choice : model.getQuestionPrompt(index).getSelectChoices()) values.add(choice.getValue());
        return values;
    }

    private static List<String> evaluate(String context, String text) throws Exception {
        XPathExpression expression = XPathParseTool.parseXPath(text);
        EvaluationContext scope = new EvaluationContext(form.getEvaluationContext(), reference(context));
        Object value = expression.eval(form.getMainInstance(), scope);
        if (value instanceof XPathNodeset) value = ((XPathNodeset) value).unpack();
        String type = value.getClass().getSimpleName();
        if (value instanceof Date) return List.of(type, String.valueOf(((Date) value).getTime()));
        if (value instanceof Double) return List.of(type, Double.toString((Double) value), XPathFuncExpr.toString(value));
        return List.of(type, value.toString());
    }

    private static List<String> submission() throws Exception {
        byte[] bytes = new XFormSerializingVisitor().serializeInstance(form.getMainInstance());
        return List.of(new String(bytes, StandardCharsets.UTF_8));
    }
}
