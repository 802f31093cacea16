// What a reader sees: contrast of words and letters against what lies behind them, images that are shown or not.
() => {
  const channels = text => { const c = text.match(/[\d.]+/g).map(Number); return c.length < 4 ? [...c, 1] : c; };
  const over = (front, back) => [0, 1, 2].map(i => front[i] * front[3] + back[i] * (1 - front[3])).concat(1);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const behind = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255, 1]);
  };
  const shown = element => element.getClientRects().length > 0;
  const words = [];
  for (const element of document.querySelectorAll(".kerasarch *, p.kerasarch-note")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest("svg") || !shown(element)) continue;
    const back = behind(element);
    words.push([element.textContent.trim().slice(0, 30), contrast(over(channels(getComputedStyle(element).color), back), back)]);
  }
  const letters = [];
  for (const svg of document.querySelectorAll("svg.kerasarch-svg")) {
    const areas = [...svg.querySelectorAll("rect, path, circle, polygon")];
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const point = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
      let back = [255, 255, 255, 1];
      for (const area of areas) {
        if (text.compareDocumentPosition(area) & Node.DOCUMENT_POSITION_FOLLOWING) break;
        const fill = getComputedStyle(area).fill;
        if (fill === "none" || !area.isPointInFill(point.matrixTransform(area.getScreenCTM().inverse()))) continue;
        back = over(channels(fill), back);
      }
      letters.push([text.textContent, contrast(over(channels(getComputedStyle(text).fill), back), back)]);
    }
  }
  const images = [...document.querySelectorAll("img.kerasarch-image")];
  return {
    words, letters,
    backgrounds: [...new Set([...document.querySelectorAll("svg.kerasarch-svg > rect, svg.kerasarch-svg > g > rect:first-child")]
      .map(rect => getComputedStyle(rect).fill))],
    mark: getComputedStyle(document.querySelector(".kerasarch-is-conv .kerasarch-layer > p"), "::before").backgroundColor,
    shown: images.filter(shown).map(image => [image.getAttribute("src"), image.naturalWidth > 0]),
    hidden: images.filter(image => !shown(image)).map(image => image.naturalWidth),
    fits: document.documentElement.scrollWidth <= innerWidth,
    figures: document.querySelectorAll("figure.kerasarch > .kerasarch-image").length,
  };
}
