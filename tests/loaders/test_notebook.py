from __future__ import annotations

import json

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders import load


def code(source, *outputs):
    return {"cell_type": "code", "execution_count": 3, "source": source, "outputs": list(outputs)}


@pytest.fixture
def read(tmp_path):
    def write_and_load(content, name="study.ipynb"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return load(path)

    return write_and_load


def test_cells_and_their_outputs_stand_in_order(read):
    frame = "<style>td {}</style><table><tr><th></th><th>net</th></tr><tr><th>a</th><td>1.10</td></tr></table>"
    cells = [
        {"cell_type": "markdown", "source": ["# Churn study\n", "\n", "Text.\n", "\n", "Data\n", "----\n"]},
        code(
            ["x = fit()\n", "x"],
            {"output_type": "stream", "text": ["10 %\r99 %\n", "\x1b[31m0.8127\x1b[0m\n"]},
            {"output_type": "execute_result", "data": {"text/html": frame, "text/plain": "plain"}},
            {"output_type": "display_data", "data": {"image/png": "aGVsbG8=" * 999, "text/plain": "<Figure>"}},
            {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["long", "trace"]},
        ),
    ]
    document = read({"cells": cells, "nbformat": 4})
    assert document.text == (
        "# Churn study\n\nText.\n\nData\n----\n\nIn [3]: x = fit()\nx\n\nOut [3]: 99 %\n0.8127\n\n"
        "\tnet\na\t1.10\n\nOut [3]: ValueError: bad\n"
    )
    assert [(heading.title, heading.depth) for heading in document.headings] == [("Churn study", 1), ("Data", 2)]
    assert document.headings[1].span.of(document.text) == "Data\n----"
    assert document.title == "Churn study"
    assert document.omissions == ("1 picture",)


def test_a_notebook_of_version_3_is_read(read):
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {"cell_type": "code", "input": "1 + 1", "prompt_number": 1, "outputs": [{"output_type": "pyout", "text": "2"}]},
    ]
    document = read({"worksheets": [{"cells": cells}], "nbformat": 3})
    assert document.text == "Old\n\nIn [1]: 1 + 1\n\nOut [1]: 2\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "the notebook is damaged"), ('{"cells": 3}', "holds no text"), ("[]", "holds no text")],
)
def test_a_damaged_notebook_is_refused(read, content, message):
    with pytest.raises(DocumentError, match=message):
        read(content)
