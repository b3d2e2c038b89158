import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

from n3fit.report.inline_content import attribute_text, inline_content, script_text

HOSTILE = "</script><!-- <script> & \"' \u2028\u2029 é"


def test_the_policy_names_the_hashes_of_style_and_script() -> None:
    content = inline_content()
    for kind, text in (("style", content.style), ("script", content.script)):
        digest = b64encode(sha256(str(text).encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in content.policy
        assert f"</{kind}" not in text.lower()
    assert "unsafe" not in content.policy
    assert content.policy.startswith("default-src 'none'; ")


def test_scripts_ask_for_nothing_and_interpret_no_text() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function|fetch|XMLHttp|https?:|import"
    script = str(inline_content().script).replace('"http://www.w3.org/2000/svg"', "")  # a name of the language
    assert re.findall(forbidden, script) == []


def test_json_cannot_end_its_script() -> None:
    text = script_text(json.dumps({HOSTILE: HOSTILE}, ensure_ascii=False))
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {HOSTILE: HOSTILE}


def test_attributes_are_read_as_they_were() -> None:
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs) -> None:
            found.append((tag, attrs))

    for text in (HOSTILE, '"><script>alert(1)</script>', "&quot; &lt;"):
        Reader().feed(f'<img src="{attribute_text(text)}">')
        assert found.pop() == ("img", [("src", text)])
    assert found == []
