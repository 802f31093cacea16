"""Bad and odd pages: through Python-Markdown one by one, and the bad ones as one site of MkDocs."""

from __future__ import annotations

import logging
import re

import pytest
from bad_pages_cases import BAD, GOOD, Bad, Good

from sphinx_kerasarch import errors


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.title)
def test_a_bad_page(convert, bare, caplog, case: Bad):
    """One box, one warning of one line with page and line; an exception where that is asked for."""
    page = bare(convert(f"# Title\n\n{case.text}"))
    assert page.count("danger kerasarch-failure") == case.boxes
    assert page.count('<div class="kerasarch-image') == case.figures
    (record,) = caplog.records
    said = record.getMessage()
    assert re.match(rf"page:{case.line}: keras-\w+ ?[^:]*(:\w+)?: ", said) and case.said in said
    assert record.levelno == logging.WARNING and re.search(r"\[kerasarch\.\w+\]$", said) and "\n" not in said
    with pytest.raises(errors.KerasarchError, match=f"page:{case.line}"):
        convert(f"# Title\n\n{case.text}", on_error="raise")
    caplog.clear()
    convert(f"# Title\n\n{case.text}", on_error="ignore")
    assert caplog.records == []


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.title)
def test_an_odd_page(convert, caplog, recorded, case: Good):
    page = convert(f"# Title\n\n{case.text}\n\nEnd.", *case.extensions)
    assert page.count('<div class="kerasarch-image') == case.figures and case.holds in page
    assert "\x02" not in page and not caplog.records
    assert "<p>End.</p>" in page
    assert bool(recorded.batches) == bool(case.figures)
    if case.figures == 1:
        assert 'id="one"' in page and "<figcaption>" in page and "direction" not in page
