"""Somebody who checks a bundle: brings papers to the checking page, watches the run, reads the verdict."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

PROOFS = Path(__file__).parents[2] / "protocol/vectors/proof"
"""Golden bundles, held files and a list of commitments."""


class Bench:
    """One checking page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def bring(self, *papers: str | Path) -> None:
        """Choose files; a bare name is one of the golden ones."""
        paths: Sequence[Path] = [PROOFS / paper for paper in papers]
        self.page.set_input_files("#files", paths)

    def start(self) -> None:
        self.page.click("#start")
        expect(self.page.locator("#outcome")).to_be_visible()

    def check(self, *papers: str | Path) -> None:
        """Bring papers, start, and do not wait for the run to be played."""
        self.bring(*papers)
        self.start()
        self.page.evaluate("document.getElementById('show-skip').click()")
        self.settle()

    def settle(self) -> None:
        """Wait for the verdict."""
        expect(self.page.locator("#verify")).to_have_attribute("data-state", "done")

    @property
    def verdict(self) -> str:
        return self.page.locator("#verdict").get_attribute("data-verdict") or ""

    @property
    def official(self) -> str:
        """What the command line says last."""
        return self.page.locator("#verdict-official").inner_text()

    @property
    def explained(self) -> list[str]:
        return self.page.locator("#verdict-anchors li").all_inner_texts()

    def checks(self, state: str) -> list[str]:
        """The names of the checks in this state, in their order."""
        rows = self.page.locator(f".check[data-state={state}]")
        return [row.get_attribute("data-check") or "" for row in rows.all()]

    def standings(self, heading: str) -> Locator:
        return (
            self.page.locator(".finding")
            .filter(has=self.page.get_by_role("heading", name=heading))
            .locator(".standing")
        )

    def board(self) -> list[str | None]:
        """What lies on the board, by place and symbol."""
        return sorted(
            self.page.locator("#board .tile").evaluate_all(
                "tiles => tiles.map((tile) => tile.style.transform + tile.dataset.symbol)"
            )
        )
