"""Tests of sources with markup: reStructuredText and LaTeX."""

from __future__ import annotations

import pytest

from hiercomp.errors import DocumentError
from hiercomp.loaders import load

RST = """\
.. a comment

==========
Main title
==========

Some *words*, 10\\ :sup:`6` units of H\\ :sub:`2`\\ O, see [1]_ and :ref:`the text <target>`.

.. [1] Not audited.

Sales
-----

.. warning:: Take care.

+--------+-------+-------+
| Region | 2024  | 2025  |
+========+=======+=======+
| North  | 1     |       |
| and    +-------+-------+
| East   | both years    |
+--------+---------------+

.. versionadded:: 3.6

3. three
4. four

.. code-block:: python

   x = 1
   y = 2

.. include:: /etc/hostname
.. raw:: html
   :file: /etc/hostname
"""


@pytest.fixture
def read(tmp_path):
    def write_and_load(name, content):
        path = tmp_path / name
        path.write_text(content)
        return load(path)

    return write_and_load


def test_restructured_text_is_read_without_its_markup(read):
    document = read("a.rst", RST)
    assert document.text == (
        "Main title\n\nSome words, 10^6 units of H_2O, see [1] and the text.\n\n[1] Not audited.\n\nSales\n\n"
        "Warning:\n\nTake care.\n\nRegion\t2024\t2025\nNorth and East\t1\t\nNorth and East\tboth years\tboth years\n\n"
        "versionadded: 3.6\n\n3. three\n4. four\n\nx = 1\ny = 2\n"
    )
    assert [(heading.title, heading.depth) for heading in document.headings] == [("Main title", 1), ("Sales", 2)]
    assert document.omissions == ("1 included file",)


def test_what_restructured_text_does_not_know_keeps_its_text(read):
    crooked = "+---+---+\n| a | b |\n+---+\n"
    text = read("a.rst", f".. py:function:: run(a)\n   :noindex:\n\n   It runs.\n\n{crooked}\nThe end.\n").text
    assert text.startswith("py:function: run(a)\n\nIt runs.\n\n")
    assert "| a | b |" in text
    assert text.endswith("The end.\n")


LATEX = r"""% a comment
\documentclass{article}
\newcommand{\acc}{93.1}
\newcommand{\money}[2]{\$#1 #2}
\title{On anvils\thanks{Funded.}}
\author{Ann Ex \and Bo Why}
\begin{document}
\begin{abstract}
We reach \acc\% at 10$^6$ units\footnote{Not audited.}. % hidden
\end{abstract}
\section{Sales \& costs}\label{sec:a}
Sales were \money{5}{million} \cite{smith} in m\textsuperscript{2}, not \sout{\$7}.
\begin{table}\caption{By region}
\resizebox{\textwidth}{!}{\begin{tabular}{lrr}
\toprule
Region & \multicolumn{2}{c}{Sales} \\ \cmidrule(lr){2-3}
 & 2024 & 2025 \\ \midrule
\multirow{2}{*}{North} & 1,234 & \\[2pt]
 & 5 & $6 \pm 1$ \\ \hline
\end{tabular}}
\end{table}
\begin{enumerate}\item One \item[b)] Two \begin{itemize}\item inner\end{itemize}\end{enumerate}
\begin{equation}
E = mc^2
\end{equation}
\includegraphics[width=2cm]{a.png}
\input{chapter2}
\begin{verbatim}
x = 1 % kept
\end{verbatim}
At \SI{10}{\mega\hertz}, \href{http://example.org}{here}.
\end{document}
"""


def test_latex_is_read_without_its_commands(read):
    document = read("a.tex", LATEX)
    assert document.text == (
        "On anvils [Funded.]\n\nAnn Ex; Bo Why\n\nAbstract\n\nWe reach 93.1% at 10$^6$ units [Not audited.].\n\n"
        "Sales & costs\n\nSales were $5 million [smith] in m^2, not .\n\nBy region\n\n"
        "Region\tSales\tSales\n\t2024\t2025\nNorth\t1,234\t\nNorth\t5\t$6 \\pm 1$\n\n"
        "1. One\nb) Two\n\n• inner\n\n\\begin{equation} E = mc^2 \\end{equation}\n\nx = 1 % kept\n\n"
        "At 10 mega hertz, here.\n"
    )
    assert [(heading.title, heading.depth) for heading in document.headings] == [
        ("On anvils [Funded.]", 1),
        ("Abstract", 2),
        ("Sales & costs", 2),
    ]
    assert set(document.omissions) == {"1 picture", "1 included file (chapter2)"}


def test_a_part_of_a_latex_source_is_read_to_its_end_in_spite_of_errors(read):
    assert read("b.tex", r"\section{One} text } more \begin{foo} inner").text == "One\n\ntext more\n\ninner\n"


@pytest.mark.parametrize(("name", "content"), [("a.rst", ".. only a comment\n"), ("a.tex", "% only a comment\n")])
def test_a_source_without_text_is_refused(read, name, content):
    with pytest.raises(DocumentError, match="holds no text"):
        read(name, content)


@pytest.mark.parametrize(
    ("name", "content"), [("a.tex", "{" * 100_000), ("a.rst", "".join("  " * n + "* x\n\n" for n in range(400)))]
)
def test_a_source_that_is_nested_too_deeply_is_refused_in_one_line(read, name, content):
    with pytest.raises(DocumentError, match=r"nested too deeply|failed on this file"):
        read(name, content)
