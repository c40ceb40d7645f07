"""One place has one key; two places have two."""

import pytest

from extractors.listing import slugify
from extractors.sources.identity import mark, place_key, places, same_agent, same_owner
from extractors.sources.listing_entry import Link, listing


@pytest.mark.parametrize(
    "spelling",
    [
        "https://github.com/O/Otter",
        "http://www.github.com/o/otter.git/",
        "https://github.com/o/otter/tree/main",
        "https://github.com/o/otter/blob/main/README.md",
        "github.com/o/otter#usage",
        "https://github.com/o/%6Ftter",
        "https://github.com/o/otter?tab=readme-ov-file#install",
        "https://github.com/o/otter/?utm_source=list&utm_medium=x",
    ],
)
def test_one_place_in_several_spellings(spelling: str) -> None:
    assert place_key(spelling) == "github.com/o/otter"


@pytest.mark.parametrize(
    "spelling",
    ["?ref=home", "/", "/index.html", "/?utm_campaign=a&fbclid=1", "#top", "/Index.PHP"],
)
def test_a_page_is_one_however_it_is_reached(spelling: str) -> None:
    assert place_key(f"http://www.dir.example/index.php/a/otter{spelling}") == "dir.example/a/otter"


def test_names_without_latin_letters_have_slugs_of_their_own() -> None:
    names = ["日本語エージェント", "中文代理", "Выдра", "Цапля", "Выдра AI", "Цапля AI", "ตัวแทน"]
    slugs = [slugify(name) for name in names]
    assert len({*slugs}) == len(names) and "unnamed" not in slugs
    assert [slugify("TÂCHES"), slugify("Straße"), slugify("Otter™ 2"), slugify("🦦")] == [
        "taches",
        "strasse",
        "ottertm-2",
        "unnamed",
    ]


def test_what_a_source_tells_apart_stays_apart_and_silence_joins_nothing() -> None:
    shared = "https://github.com/m/mono"
    mail, shell = (listing(name, "r", heading_url=shared, identity=name) for name in ("mono-mail", "mono-shell"))
    assert mark(mail) != mark(shell) and not same_agent(mail, shell)
    assert same_agent(mail, listing("Mono", "list", heading_url=shared)), "a list that knows only the repository"
    one, other = (listing("Otter", source, identity="Otter") for source in ("a", "b"))
    assert not same_agent(one, other) and not same_agent(one, listing("Otter", "c"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://github.com/o/servers/tree/main/src/mail", "https://github.com/o/servers/tree/main/src/chat"),
        ("https://github.com/o/otter", "https://github.com/p/otter"),
        ("https://shop.example/agent?id=1", "https://shop.example/agent?id=2"),
        ("http://127.0.0.1:8001/otter", "http://127.0.0.1:8002/otter"),
    ],
)
def test_two_places_are_two(one: str, other: str) -> None:
    assert place_key(one) != place_key(other)


def test_neither_a_homepage_nor_a_link_in_the_text_nor_an_alias_is_a_place_in_other_lists() -> None:
    heron = listing(
        "Heron",
        "a",
        heading_url="https://vendor.example",
        entry="Like [Otter](https://github.com/o/otter), but faster.",
        aliases=["https://github.com/o/otter"],
    )
    assert places(heron) == ()
    assert mark(heron) == "vendor.example"
    assert not same_agent(heron, listing("Heron", "b", heading_url="https://other.example"))
    assert same_agent(heron, listing("HERON", "b", heading_url="http://www.vendor.example/"))


def test_a_name_tells_only_where_neither_has_a_link() -> None:
    bare, linked = listing("Heron", "a"), listing("Heron", "b", heading_url="https://heron.example")
    assert same_agent(bare, listing("HERON", "b"))
    assert not same_agent(bare, linked) and not same_agent(linked, bare)
    assert mark(bare) != mark(listing("Other", "b", heading_url="http://heron")), "a host may be spelled like a slug"


def test_a_claimed_homepage_tells_nothing_of_who_has_a_repository() -> None:
    home = "https://otter.example"
    only = listing("Otter", "a", heading_url=home)
    by_hand = listing("Otter", "by hand", heading_url=home, listing_url=home)
    assert same_agent(only, by_hand) and same_agent(by_hand, only), "the one page that both are"
    good, evil = (
        listing("Otter", "b", heading_url=f"https://github.com/{who}/otter", links=[Link("website", home)])
        for who in ("good", "evil")
    )
    for one, other in ((good, evil), (only, evil), (good, only)):
        assert one.homepage == other.homepage
        assert not same_agent(one, other) and not same_agent(other, one)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("github.com/o/otter", "github.com/o/otter-next", True),
        ("github.com/o/otter", "github.com/o/otter/src/mail", True),
        ("github.com/o/otter", "github.com/p/otter", False),
        ("github.com/o/otter", "gitlab.com/o/otter", False),
        ("github.com/orgs/otter", "github.com/orgs/heron", False),
        ("npmjs.com/package/otter", "npmjs.com/package/heron", False),
        ("huggingface.co/spaces/good/otter", "huggingface.co/spaces/evil/otter", False),
        ("otter.example/a", "otter.example/a", False),
        ("otter", "otter", False),
    ],
)
def test_only_a_forge_tells_who_owns_an_address(one: str, other: str, same: bool) -> None:
    assert same_owner(one, other) is same


@pytest.mark.parametrize("broken", [None, "", "http://[::1", "http://a:b:c/", "\x00"])
def test_what_is_no_address_is_a_key_all_the_same(broken: str | None) -> None:
    assert isinstance(place_key(broken), str)
