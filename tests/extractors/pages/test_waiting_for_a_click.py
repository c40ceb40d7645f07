"""What a click shows is text; what no click shows, and what stays unseen after it, is hidden."""

import pytest

from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import page_text
from scoring.vocabulary import FindingKind

SAID = "Self-hosted, the agent runs shell commands without asking anybody."
TABS = (
    '<ul role="tablist"><li role="tab" aria-selected="true">Cloud</li>'
    '<li role="tab" aria-selected="false">Own</li></ul>'
)


def read(body: str) -> PageText:
    page = f"<!doctype html><html><head><title>Otter</title></head><body><h1>Otter</h1><p>Seen.</p>{body}</body></html>"
    return page_text(page.encode(), url="https://otter.example/docs")


SHOWN_BY_A_CLICK = {
    "docusaurus tabs": TABS + '<div><div role="tabpanel">Cloud.</div><div role="tabpanel" hidden="">{}</div></div>',
    "a panel named by its tab": "<button role=tab id=t2>Own</button>"
    "<div role=tabpanel aria-labelledby=t2 hidden>{}</div>",
    "a panel that its tab names": "<button role=tab aria-controls=p2>Own</button>"
    '<div id=p2 style="display:none">{}</div>',
    "bootstrap tabs": '<a data-bs-toggle=tab data-bs-target="#p2" href="#">Own</a>'
    "<div class=tab-pane id=p2 hidden>{}</div>",
    "older tabs": '<ul class=nav-tabs><li class=tab><a href="#own">Own</a></li></ul>'
    '<div id=own style="display:none">{}</div>',
    "tabs by a style sheet": "<style>.pane{{display:none}} .pane.on{{display:block}}</style>"
    "<button role=tab aria-controls=p2>Own</button><div class=pane id=p2>{}</div>",
    "radix accordion": "<h3 data-state=closed>"
    "<button aria-expanded=false aria-controls=r1 data-state=closed>Own</button>"
    "</h3><div data-state=closed id=r1 role=region hidden>{}</div>",
    "an accordion without ids": "<h3><button aria-expanded=false>Own</button></h3><div hidden>{}</div>",
    "an accordion behind an instruction": "<button aria-expanded=false><?x?>Own</button><?x?><div hidden>{}</div>",
    "the accordion of tutorials": '<button class=accordion>Own</button><div class=panel style="display:none">{}</div>',
    "an accordion of no height": "<button aria-expanded=false>Own</button>"
    '<div style="max-height:0;overflow:hidden">{}</div>',
    "found by searching": '<h2>Own</h2><div hidden="until-found">{}</div>',
    "found by searching, with a button": "<button aria-controls=u>Own</button><div id=u hidden=until-found>{}</div>",
    "details": "<details><summary>Own</summary>{}</details>",
    "a popover": "<button popovertarget=pop>Own</button><div id=pop popover>{}</div>",
    "an inactive panel": TABS + "<div role=tabpanel>Cloud.</div><div role=tabpanel aria-hidden=true>{}</div>",
    "a panel in a panel": TABS + "<div role=tabpanel>Cloud.</div><div role=tabpanel hidden><p>Two ways.</p>"
    "<button aria-expanded=false>Docker</button>"
    "<div hidden>{}</div></div>",
}


@pytest.mark.parametrize("body", SHOWN_BY_A_CLICK.values(), ids=SHOWN_BY_A_CLICK)
def test_what_a_click_shows_is_text_and_no_hidden_text(body: str) -> None:
    page = read(body.format(SAID))
    assert SAID in page.text
    assert [f for f in page.findings if f.kind is FindingKind.HIDDEN_TEXT] == []
    assert dict(page.dropped).get("hidden", 0) == 0


NEVER_SHOWN = {
    "a panel without tabs": "<div role=tabpanel hidden>{}</div>",
    "more panels than tabs": TABS
    + "<div role=tabpanel>A.</div><div role=tabpanel>B.</div><div role=tabpanel hidden>{}</div>",
    "a tab without a word": "<button role=tab aria-controls=p></button><div id=p role=tabpanel hidden>{}</div>",
    "a tab that is hidden": "<button role=tab aria-controls=p hidden>Own</button>"
    "<div id=p role=tabpanel hidden>{}</div>",
    "a tab that cannot be used": "<button role=tab aria-controls=p disabled>Own</button><div id=p hidden>{}</div>",
    "a button for another": "<button aria-controls=q>Own</button><p>Between.</p><div id=p hidden>{}</div>",
    "a state and no button": "<p>Between.</p><div data-state=closed hidden>{}</div>",
    "a link that opens nothing": '<a href="#p">Own</a><p>Between.</p><div id=p hidden>{}</div>',
    "a button beside it": "<button>Buy</button><div hidden>{}</div>",
    "a class alone": '<p>Between.</p><div class="accordion-panel" style="display:none">{}</div>',
    "too small once it is open": TABS
    + '<div role=tabpanel>A.</div><div role=tabpanel hidden style="font-size:0">{}</div>',
    "far away once it is open": TABS
    + '<div role=tabpanel>A.</div><div role=tabpanel hidden style="position:absolute;left:-9999px">{}</div>',
    "white once it is open": "<button aria-controls=p>Own</button>"
    '<div id=p hidden style="color:#fff;background:#fff">{}</div>',
    "too small by a style sheet": "<style>#p{{display:none;font-size:0}}</style><button aria-controls=p>"
    "Own</button><div id=p>{}</div>",
    "hidden inside": TABS + "<div role=tabpanel>A.</div><div role=tabpanel hidden>Own. <span hidden>{}</span></div>",
}


@pytest.mark.parametrize("body", NEVER_SHOWN.values(), ids=NEVER_SHOWN)
def test_what_nobody_can_bring_up_stays_hidden(body: str) -> None:
    page = read(body.format(SAID))
    assert SAID not in page.text
    assert any(SAID in f.excerpt for f in page.findings if f.kind is FindingKind.HIDDEN_TEXT)


def test_a_page_of_thousands_of_panels_is_read() -> None:
    panels = "".join(f"<button aria-expanded=false>{n}</button><div hidden>Panel {n}.</div>" for n in range(3_000))
    assert "Panel 2999." in read(panels).text
