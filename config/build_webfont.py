"""Cut Pretendard into the files that pages load: `python config/build_webfont.py PretendardVariable.ttf`.

A page in Korean should need two files: the Latin letters and the syllables of our own texts, those of the shipped forms, rules and
templates among them; a page in English needs the first alone. Other syllables that are common in Korean come in a few more files, and
the rare ones in blocks, so that any name can be written. Run it again when the texts have grown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "evalapp" / "web" / "static"
FAMILY = "Evalapp Sans"  # the licence keeps the name Pretendard for unaltered files
# Family, full and PostScript name, typographic family, and the prefix of variations, by their numbers in a font.
NAMES = {1: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", ""), 16: FAMILY, 25: FAMILY.replace(" ", "")}
WEIGHTS = (400, 700)
FEATURES = ["kern", "ccmp", "calt", "locl", "mark", "mkmk", "tnum", "case"]
SYLLABLES = range(ord("가"), ord("힣") + 1)
BLOCK = 256
LANGUAGE_NAME = "한국어"  # on every page in English, for whoever would rather read Korean
TIME_SPACE = 0x202F  # which browsers put into a field for a time
LATIN = {
    *range(0x20, 0x7F),
    TIME_SPACE,
    *map(ord, LANGUAGE_NAME),
    *map(ord, "§©°±²³·×÷–—‘’“”•…‹›′″€₩−≈≠≤≥←↑→↓▲▶▸▼▾■□○●※✓¹⁰⁴àáâäçèéêëíîïñóôöúûüÉß"),
}
# Other alphabets and ornaments are left to the fonts of the device.
SIGNS = {*range(0x2010, 0x2300), *range(0x2460, 0x2500), *range(0x25A0, 0x2607), *range(0x3000, 0x3020), *range(0x3131, 0x3164)}
# The syllables of most Korean texts, the most frequent first, in groups: from the frequencies behind Pretendard's own files.
COMMON = (Path(__file__).parent / "common_syllables.txt").read_text(encoding="utf-8").split("\n\n")


def interface_syllables() -> set[int]:
    """Return the syllables of every Korean text of ours, on the pages and in what is shipped for them to show."""
    path = ROOT / "evalapp" / "translations" / "ko" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as source:
        texts = [str(message.string) for message in read_po(source, locale="ko")]
    texts += [
        shipped.read_text(encoding="utf-8") for kind in ("csv", "toml") for shipped in sorted((ROOT / "config").rglob(f"*.{kind}"))
    ]
    return {ord(sign) for sign in "".join(texts) if ord(sign) in SYLLABLES} - LATIN


def pieces(known: set[int]) -> dict[str, set[int]]:
    """Return which characters go into which file. Where two hold a character, the browser takes the one named last."""
    interface = interface_syllables()
    groups = [{ord(sign) for sign in group if ord(sign) in SYLLABLES} - interface for group in COMMON]
    common = {f"common-{number}": group for number, group in enumerate(groups, start=1)}
    blocks = {f"block-{start:x}": set(range(start, min(start + BLOCK, SYLLABLES.stop))) for start in SYLLABLES[::BLOCK]}
    rare = {name: block - interface - set().union(*groups) for name, block in blocks.items()}
    return {"signs": SIGNS & known - LATIN, **rare, **common, "interface": interface, "latin": LATIN & known}


def narrowed(source: Path) -> bytes:
    """Return the font with no weights but those between ours."""
    target = BytesIO()
    instancer.instantiateVariableFont(TTFont(source), {"wght": WEIGHTS}).save(target)
    return target.getvalue()


def cut(source: bytes, characters: Iterable[int], target: Path) -> None:
    """Write one file with some characters of the font, under our name for it."""
    font = TTFont(BytesIO(source))
    options = subset.Options(layout_features=FEATURES, hinting=False, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    for record in list(font["name"].names):
        if record.nameID in NAMES:
            font["name"].setName(NAMES[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID)
    font.flavor = "woff2"
    font.save(target)


def unicode_range(name: str, characters: set[int]) -> str:
    """Write the characters as a CSS range; a block states its whole stretch, which is shorter and harmless."""
    if name.startswith("block-"):
        start = int(name.removeprefix("block-"), 16)
        return f"U+{start:x}-{min(start + BLOCK, SYLLABLES.stop) - 1:x}"
    stretches: list[list[int]] = []
    for code in sorted(characters):
        if stretches and code == stretches[-1][1] + 1:
            stretches[-1][1] = code
        else:
            stretches.append([code, code])
    return ",".join(f"U+{first:x}" if first == last else f"U+{first:x}-{last:x}" for first, last in stretches)


def rule(name: str, characters: set[int]) -> str:
    """Write the style sheet's rule for one file."""
    return (
        f'@font-face{{font-family:"{FAMILY}";font-weight:{WEIGHTS[0]} {WEIGHTS[1]};font-display:swap;'
        f"src:url(fonts/{name}.woff2) format('woff2');unicode-range:{unicode_range(name, characters)}}}"
    )


def main(source: Path) -> None:
    """Cut every file and write the style sheet that names them."""
    files = pieces(set(TTFont(source).getBestCmap()))
    narrow = narrowed(source)
    for name, characters in files.items():
        cut(narrow, characters, STATIC / "fonts" / f"{name}.woff2")
    for path in (STATIC / "fonts").glob("*.woff2"):
        if path.stem not in files:
            path.unlink()
    head = "/* Made by config/build_webfont.py from Pretendard 1.3.9, SIL Open Font License 1.1: fonts/LICENSE-OFL.txt */"
    lines = [head, *(rule(name, characters) for name, characters in files.items())]
    (STATIC / "fonts.css").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
