"""What a page must be for everybody, measured in the browser: width, targets, words, accessibility."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.support.services import ROOT

AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
SCREENS = ROOT / "var" / "screens"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

TARGETS = """least => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]')].flatMap(element => {
    const style = getComputedStyle(element);
    if (style.visibility === 'hidden' || style.display === 'none' || !element.getClientRects().length) return [];
    const inText = element.matches('a') && style.display === 'inline'
      && element.parentElement.textContent.trim().length > element.textContent.trim().length;
    if (inText || element.closest('.visually-hidden, .leaflet-control-attribution') || element.disabled) return [];
    if (element.matches('.skip')) return [];
    let box = element.getBoundingClientRect();
    const label = element.matches('input') && (element.closest('label') || document.querySelector(`label[for="${element.id}"]`));
    if (label) { const b = label.getBoundingClientRect(); if (b.width * b.height > box.width * box.height) box = b; }
    if (box.width < 2 || box.height < 2) return [];
    const small = box.height < least - 0.5 || box.width < least - 0.5;
    return small ? [`${element.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`] : [];
})"""

WORDS = """language => {
  const foreign = language === 'en' ? /[\\u3400-\\u9fff]/ : /[A-Za-z]{3,}/;
  const other = language === 'en' ? 'zh' : 'en';
  // The same in every language; sixteen hexadecimal digits are the number of a key.
  const known = /\\b(Excel|CSV|XLSX|GeoJSON|WGS-84|GCJ-02|BD-09|GPS|PDF|ZIP|HTTPS|[0-9a-f]{16})\\b/gi;
  const strange = text => foreign.test(text.replace(known, ''));
  const found = [];
  const excused = element => {
    const marked = element.closest('[lang]');
    if (marked && marked !== document.documentElement && marked.lang.startsWith(other)) return true;
    return !!element.closest('script, style, code, kbd, textarea, svg.year, .leaflet-container');
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (strange(node.data) && !excused(element)) found.push(node.data.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      const text = element.getAttribute(name);
      if (text && strange(text) && !excused(element)) found.push(`${name}: ${text}`);
    }
  }
  return found;
}"""


def complaints(page: Page, *, language: str, elder: bool, excused: frozenset[str] = frozenset()) -> list[str]:
    """Return everything that is wrong with the page as it is shown now; an empty list is a good page."""
    page.wait_for_load_state()  # a link that was tapped may have brought a document without anything in it yet
    found = []
    wide, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    if wide > inner:
        found.append(f"overflows: {wide} > {inner}")
    found += [f"small target: {words}" for words in page.evaluate(TARGETS, 60 if elder else 44)]
    words = page.evaluate(WORDS, language)
    found += [f"untranslated: {text}" for text in words if not _is_a_name(text, excused)]
    found += axe(page)
    return found


def axe(page: Page) -> list[str]:
    """Return axe's violations of WCAG 2.2 AA and of its best practice, each with the first element it names."""
    page.evaluate(AXE)
    result: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)
    return [f"axe {v['id']}: {v['help']} {v['nodes'][0]['html'][:120]} ({len(v['nodes'])})" for v in result["violations"]]


def shot(page: Page, name: str) -> Path:
    """Save what the page shows under var/screens."""
    path = SCREENS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path


def _is_a_name(text: str, excused: frozenset[str]) -> bool:
    return any(name in text for name in excused)
