"""What a report may load while it is laid out: its own three font files and data inside the page itself, nothing else."""

from __future__ import annotations

from pathlib import Path

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

SCHEME = "report-font:"
FONTS = Path(__file__).parent.parent / "charts" / "fonts"
FONT_NAMES = ("Pretendard-Regular.ttf", "Pretendard-SemiBold.ttf", "Pretendard-Bold.ttf")


class RefusedAddress(FatalURLFetchingError):  # type: ignore[misc]  # noqa: N818 - it names what happened
    """A page asked for something outside itself. A document with a silent hole must not be kept."""


class ReportFetcher(URLFetcher):  # type: ignore[misc]
    """Opens `report-font:` names from a fixed list and `data:` addresses; redirects are off.

    `refused` keeps what was refused, because the layout engine swallows any error that arises while it draws an SVG.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
        self.refused: list[RefusedAddress] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return what an address holds, or raise RefusedAddress."""
        if url.startswith(SCHEME) and url.removeprefix(SCHEME) in FONT_NAMES:
            content = (FONTS / url.removeprefix(SCHEME)).read_bytes()
            return URLFetcherResponse(url, content, {"Content-Type": "font/ttf"})
        if url[:5].lower() == "data:":
            return super().fetch(url, headers)
        self.refused.append(RefusedAddress(f"a report must not load {url[:80]!r}"))
        raise self.refused[-1]
