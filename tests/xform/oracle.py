"""JavaRosa, the engine inside ODK Collect, behind a small driver: what it makes of a form is what ours must make of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, unquote_plus

import pyxform

DRIVER = Path(__file__).parent / "javarosa" / "Driver.java"
JAR = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"


class OracleError(Exception):
    """JavaRosa refused."""


def reason_to_skip():
    """Return why there can be no oracle here, or None."""
    if not JAR.exists():
        return "pyxform brings no ODK_Validate.jar"
    return (
        None
        if shutil.which("java") and shutil.which("javac")
        else "no Java development kit (Debian: apt-get install default-jdk-headless)"
    )


class Oracle:
    def __init__(self, folder):
        subprocess.run(["javac", "-nowarn", "-proc:none", "-d", folder, "-cp", JAR, DRIVER], check=True, capture_output=True)
        line = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss4m", "-Xmx512m", "-cp", f"{JAR}:{folder}", "Driver"]
        self.process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __call__(self, *words):
        self.process.stdin.write(("\t".join(quote(word, safe="") for word in words) + "\n").encode())
        self.process.stdin.flush()
        answer = [unquote_plus(word) for word in self.process.stdout.readline().decode().rstrip("\n").split("\t")]
        if answer[0] == "error":
            raise OracleError(answer[1])
        return answer[1:]

    def load(self, path, moment, **properties):
        facts = [word for pair in properties.items() for word in pair]
        self("load", str(path), str(round(moment.timestamp() * 1000)), *facts)

    def dump(self):
        """Return, for every address, whether it is relevant, required, within its constraint, and its value."""
        words = self("dump")
        return {words[at]: (*words[at + 1].split(" "), words[at + 2]) for at in range(0, len(words), 3)}

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=20)
