"""docs/cli.md equals the help texts."""

from hiercomp.cli.app import app
from hiercomp.cli.reference import reference
from hiercomp.config import Config


def test_the_page_is_up_to_date(request):
    page = (request.config.rootpath / "docs/cli.md").read_text(encoding="utf-8")
    assert page == reference(), "run: python -m hiercomp.cli.reference > docs/cli.md"


def test_the_page_has_every_command_and_setting():
    page = reference()
    for command in app.registered_commands:
        assert f"## `hiercomp {command.name}`" in page
    for name in Config.model_fields:
        assert f"`HIERCOMP_{name.upper()}`" in page


def test_every_command_has_an_example():
    helps = [text for text in reference().split("```text")[1:] if "Commands:" not in text.partition("```")[0]]
    assert len(helps) >= 10
    assert all("Example: hiercomp" in text or "Example: HIERCOMP" in text for text in helps)
