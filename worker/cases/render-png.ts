import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Draws an SVG as PNG with twice as many pixels, outside of the event loop and with a font that comes along: no machine's own fonts
 * are needed. Loaded on demand, because it is a native module: where it does not load, only pictures are lost.
 */
export async function renderPng(svg: string): Promise<Buffer> {
  const { renderAsync } = await import("@resvg/resvg-js");
  const font = require.resolve("@expo-google-fonts/pt-sans/400Regular/PTSans_400Regular.ttf");
  const image = await renderAsync(svg, {
    fitTo: { mode: "zoom", value: 2 },
    font: { fontFiles: [font], loadSystemFonts: false, defaultFontFamily: "PT Sans" },
  });
  return image.asPng();
}
