from __future__ import annotations

import pytest
from raw_pdf import write_form

from hiercomp.loaders._pdf import parse

CHECK_BOX = "/FT /Btn /AP << /N << /Yes 5 0 R /Off 5 0 R >> >>"


@pytest.fixture
def lines_of(tmp_path, job):
    """Return a function that writes a form and returns the lines of text that are read from it."""

    def read(lines, fields, **more):
        path = write_form(tmp_path / "form.pdf", lines, fields, **more)
        return [line for line in parse(job("pdf", path)).text.split("\n") if line]

    return read


def test_a_value_stands_behind_the_label_on_its_row(lines_of):
    lines = lines_of(
        [(72, 700, "Name of the boat:"), (72, 670, "Length in metres:"), (72, 640, "Harbour:")],
        [
            "/FT /Tx /T (a) /V (Marie Luise) /Rect [200 696 400 712]",
            "/FT /Tx /T (b) /V (12.50) /Rect [200 666 400 682]",
            "/FT /Ch /Ff 131072 /T (c) /V (2) /Opt [[(1) (North)] [(2) (South mole)]] /Rect [200 636 400 652]",
        ],
    )
    assert lines == ["Name of the boat:\tMarie Luise", "Length in metres:\t12.50", "Harbour:\tSouth mole"]


def test_check_boxes_and_radio_buttons_stand_beside_their_labels(lines_of):
    lines = lines_of(
        [(90, 700, "Shore power"), (90, 680, "Water"), (72, 650, "Mooring:"), (150, 650, "bow"), (220, 650, "stern")],
        [
            f"{CHECK_BOX} /T (p) /V /Yes /AS /Yes /Rect [72 698 84 710]",
            f"{CHECK_BOX} /T (w) /V /Off /AS /Off /Rect [72 678 84 690]",
            f"{CHECK_BOX} /Ff 32768 /T (m) /V /Off /AS /Off /Rect [134 648 146 660]",
            f"{CHECK_BOX} /Ff 32768 /T (n) /V /Yes /AS /Yes /Rect [204 648 216 660]",
        ],
    )
    assert "☒ Shore power" in "\n".join(lines)
    assert "☐ Water" in "\n".join(lines)
    assert [part for part in " ".join(lines).replace("\t", " ").split(" ") if part][-5:] == [
        "Mooring:", "☐", "bow", "☒", "stern",
    ]  # fmt: skip


def test_values_under_their_labels_are_a_row(lines_of):
    labels = [(72, 700, "Skipper"), (250, 700, "Date"), (420, 700, "Berth")]
    fields = [
        "/FT /Tx /T (a) /V (Ida Brandt) /Rect [72 680 200 696]",
        "/FT /Tx /T (b) /V (4 May 2025) /Rect [250 680 400 696]",
        "/FT /Tx /T (c) /V (17) /Rect [420 680 500 696]",
    ]
    assert lines_of(labels, fields) == ["Skipper\tDate\tBerth", "Ida Brandt\t4 May 2025\t17"]


def test_several_fields_on_a_row_keep_their_labels(lines_of):
    labels = [(72, 700, "From:"), (250, 700, "To:"), (72, 640, "Remarks:"), (72, 560, "End of the form")]
    fields = [
        "/FT /Tx /T (a) /V (Kiel) /Rect [110 696 200 712]",
        "/FT /Tx /T (b) /V (Oslo) /Rect [280 696 400 712]",
        "/FT /Tx /Ff 4096 /T (c) /V (Arrives late.\\rNeeds a pilot.) /Rect [130 590 400 654]",
    ]
    lines = [line.replace("\t", " ") for line in lines_of(labels, fields)]
    assert lines == ["From: Kiel To: Oslo", "Remarks: Arrives late. Needs a pilot.", "End of the form"]


def test_a_value_that_the_page_shows_is_not_repeated(lines_of):
    field = "/FT /Tx /T (a) /V (Marie Luise) /Rect [200 696 400 712]"
    lines = lines_of([(72, 700, "Boat:"), (205, 700, "Marie Luise")], [field])
    assert "\n".join(lines).count("Marie Luise") == 1


def test_the_line_to_write_on_gives_way_to_the_value(lines_of):
    field = "/FT /Tx /T (a) /V (Marie Luise) /Rect [110 696 400 712]"
    lines = lines_of([(72, 700, "Boat:"), (112, 700, "______________")], [field])
    assert [line.replace("\t", " ") for line in lines] == ["Boat: Marie Luise"]


def test_hidden_fields_passwords_and_buttons_are_not_shown(lines_of):
    fields = [
        "/FT /Tx /Ff 8192 /T (a) /V (hunter2) /Rect [200 696 400 712]",
        "/FT /Btn /Ff 65536 /T (b) /MK << /CA (Send) >> /Rect [200 666 400 682]",
        "/FT /Tx /T (c) /V (secret) /F 2 /Rect [200 636 400 652]",
    ]
    assert lines_of([(72, 700, "Code of the gate"), (72, 600, "Keep it")], fields) == ["Code of the gate", "Keep it"]


def test_the_chosen_options_of_a_list_are_shown(lines_of):
    field = "/FT /Ch /Ff 2097152 /T (a) /V [(Fish) (Salt)] /Opt [(Fish) (Ice) (Salt)] /I [0 2] /Rect [200 640 400 712]"
    lines = lines_of([(72, 700, "Cargo:")], [field])
    assert lines == ["Cargo:\tFish, Salt"]


def test_an_xfa_form_is_named_as_left_out(tmp_path, job):
    path = write_form(tmp_path / "xfa.pdf", [(72, 700, "Please wait for the form")], [], form="/XFA 100 0 R")
    path.write_bytes(
        path.read_bytes().replace(b"trailer", b"100 0 obj\n<< /Length 0 >> stream\n\nendstream\nendobj\ntrailer")
    )
    assert any("XFA" in what for what in parse(job("pdf", path)).omissions)
