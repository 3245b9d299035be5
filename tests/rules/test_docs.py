from __future__ import annotations

from pathlib import Path

import pytest

from privatelane_rules.docs import main, pages

PAGES = Path(__file__).resolve().parents[2] / "docs" / "rules"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_says_what_its_rule_says(name: str) -> None:
    """`make docs` writes the pages anew."""
    assert (PAGES / name).read_text(encoding="utf-8") == pages()[name]


def test_no_page_is_left_of_a_rule_that_is_no_more() -> None:
    assert {path.name for path in PAGES.iterdir()} == set(pages())


def test_writing_the_pages_removes_old_ones(tmp_path: Path) -> None:
    (tmp_path / "old-rule.md").write_text("")

    main(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == set(pages())
