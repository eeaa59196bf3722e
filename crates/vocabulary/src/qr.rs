//! A text as a QR code: SVG for a page, PNG for a download or a chat. Error correction M and a
//! quiet zone of four modules, as the standard asks.

use fast_qr::{
    ECL,
    convert::{Builder, svg::SvgBuilder},
    qr::{QRBuilder, QRCode},
};

/// Why a text cannot become a QR code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// More than a QR code of the largest size holds.
    #[error("the text is too long for a QR code")]
    TooLong,
    /// The PNG could not be written.
    #[error("the QR code could not be written as PNG: {0}")]
    Png(String),
}

/// Pixels a module in PNG output.
const SCALE: usize = 8;
/// Modules of white around the code.
const QUIET_ZONE: usize = 4;

/// The text as an SVG document.
pub fn svg(text: &str) -> Result<String, QrError> {
    Ok(SvgBuilder::default().margin(QUIET_ZONE).to_str(&encode(text)?))
}

/// The text as a greyscale PNG image, eight pixels a module.
pub fn png(text: &str) -> Result<Vec<u8>, QrError> {
    let code = encode(text)?;
    let side = (code.size + 2 * QUIET_ZONE) * SCALE;
    let dark = |pixel: usize| {
        let (x, y) = (pixel % side / SCALE, pixel / side / SCALE);
        let inside = |v: usize| v.checked_sub(QUIET_ZONE).filter(|v| *v < code.size);
        match (inside(x), inside(y)) {
            (Some(column), Some(row)) => code.data.get(row * code.size + column).is_some_and(|m| m.value()),
            _ => false,
        }
    };
    let pixels: Vec<u8> = (0..side * side).map(|pixel| if dark(pixel) { 0 } else { 255 }).collect();
    let width = u32::try_from(side).map_err(|_| QrError::TooLong)?;
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, width);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let png_error = |e: png::EncodingError| QrError::Png(e.to_string());
    let mut writer = encoder.write_header().map_err(png_error)?;
    writer.write_image_data(&pixels).map_err(png_error)?;
    writer.finish().map_err(png_error)?;
    Ok(out)
}

fn encode(text: &str) -> Result<QRCode, QrError> {
    QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| QrError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A payload of the size and shape that a QRIS code has (synthetic).
    const QRIS: &str = "00020101021226690017ID.CO.EXAMPLE.WWW011893600914000000000102150000000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581653033605405250005802ID5918DISCORD TOPUP TEST6007JAKARTA61051011062070703A01630476CA";

    /// A greyscale picture: pixels on a side, and one byte each.
    type Picture = (usize, Vec<u8>);

    fn unpack(image: &[u8]) -> Picture {
        let mut reader = png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(frame.width, frame.height);
        (frame.width as usize, pixels)
    }

    /// Paints an SVG document as a browser would, `SCALE` pixels a unit, on a black page. It knows what
    /// our documents are made of (rectangles, and paths with right angles) and stops at anything else.
    fn paint(document: &str) -> Picture {
        let inside = document.strip_prefix("<svg ").and_then(|rest| rest.strip_suffix("</svg>")).unwrap();
        let (head, elements) = inside.split_once('>').unwrap();
        let mut side = 0;
        for (name, value) in attributes(head) {
            match name {
                "xmlns" => assert_eq!(value, "http://www.w3.org/2000/svg"),
                "viewBox" => {
                    let (width, height) = value.strip_prefix("0 0 ").unwrap().split_once(' ').unwrap();
                    assert_eq!(width, height);
                    side = width.parse::<usize>().unwrap() * SCALE;
                }
                other => panic!("{other} on the document"),
            }
        }
        let mut pixels = vec![0; side * side];
        for element in elements.split_terminator("/>") {
            let (name, rest) = element.strip_prefix('<').unwrap().split_once(' ').unwrap();
            let (mut shapes, mut fill) = (String::new(), 0);
            let (mut width, mut height) = ("", "");
            for (attribute, value) in attributes(rest) {
                match (name, attribute) {
                    ("rect", "width") => width = value.trim_end_matches("px"),
                    ("rect", "height") => height = value.trim_end_matches("px"),
                    ("path", "d") => shapes = value.to_owned(),
                    (_, "fill") => fill = grey(value),
                    (name, attribute) => panic!("{attribute} on <{name}>"),
                }
            }
            if name == "rect" {
                shapes = format!("M0,0h{width}v{height}h-{width}z");
            }
            for shape in shapes.split('M').skip(1) {
                fill_shape(&mut pixels, side, &corners(shape), fill);
            }
        }
        (side, pixels)
    }

    fn attributes(text: &str) -> Vec<(&str, &str)> {
        let parts: Vec<&str> = text.split('"').collect();
        assert!(parts.len() % 2 == 1 && parts.last().unwrap().is_empty(), "{text}");
        parts.chunks_exact(2).map(|pair| (pair[0].trim().strip_suffix('=').unwrap(), pair[1])).collect()
    }

    /// An opaque grey, such as `#ffffff`.
    fn grey(colour: &str) -> u8 {
        let digits = colour.strip_prefix('#').unwrap();
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        assert!(digits.len() == 6 || (digits.len() == 8 && channel(6) == 255), "{colour}");
        assert!(channel(0) == channel(2) && channel(2) == channel(4), "{colour}");
        channel(0)
    }

    /// The corners of `x,yh1v1h-1`, in pixels.
    fn corners(shape: &str) -> Vec<(i64, i64)> {
        let steps = shape.strip_suffix('z').unwrap_or(shape);
        let end = steps.find(['h', 'v']).unwrap();
        let (x, y) = steps[..end].split_once(',').unwrap();
        let pixels = |units: &str| units.parse::<i64>().unwrap() * SCALE as i64;
        let (mut x, mut y) = (pixels(x), pixels(y));
        let mut found = vec![(x, y)];
        let mut rest = &steps[end..];
        while !rest.is_empty() {
            let stop = rest[1..].find(['h', 'v']).map_or(rest.len(), |at| at + 1);
            match &rest[..1] {
                "h" => x += pixels(&rest[1..stop]),
                "v" => y += pixels(&rest[1..stop]),
                other => panic!("{other} in a path"),
            }
            found.push((x, y));
            rest = &rest[stop..];
        }
        found
    }

    /// Fills what the corners enclose; the last is joined to the first.
    fn fill_shape(pixels: &mut [u8], side: usize, corners: &[(i64, i64)], fill: u8) {
        let next = corners.iter().cycle().skip(1);
        let edges: Vec<_> = corners.iter().zip(next).collect();
        assert!(edges.iter().all(|(a, b)| a.0 == b.0 || a.1 == b.1), "not at right angles: {corners:?}");
        let span = |values: Vec<i64>| *values.iter().min().unwrap()..*values.iter().max().unwrap();
        for y in span(corners.iter().map(|c| c.1).collect()) {
            for x in span(corners.iter().map(|c| c.0).collect()) {
                let crossed = |(a, b): &&(&(i64, i64), &(i64, i64))| {
                    a.0 == b.0 && a.0 <= x && (a.1.min(b.1)..a.1.max(b.1)).contains(&y)
                };
                if edges.iter().filter(crossed).count() % 2 == 1 {
                    pixels[usize::try_from(y).unwrap() * side + usize::try_from(x).unwrap()] = fill;
                }
            }
        }
    }

    fn decode((side, pixels): &Picture) -> String {
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(*side, *side, |x, y| pixels[y * side + x]);
        prepared.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn png_and_svg_read_back_as_what_was_written_and_are_the_same_picture() {
        for text in [QRIS, "https://example.test/pay/1", "é ünïcode", "0"] {
            let (image, document) = (unpack(&png(text).unwrap()), paint(&svg(text).unwrap()));
            assert_eq!(decode(&image), text);
            assert_eq!(decode(&document), text);
            assert!(image == document, "{text}");
        }
    }

    #[test]
    fn both_have_four_modules_of_white_around_the_code() {
        for (side, pixels) in [unpack(&png(QRIS).unwrap()), paint(&svg(QRIS).unwrap())] {
            let edge = QUIET_ZONE * SCALE;
            let inside = edge..side - edge;
            for (at, pixel) in pixels.iter().enumerate() {
                let (x, y) = (at % side, at / side);
                assert!(*pixel == 255 || (inside.contains(&x) && inside.contains(&y)), "dark at {x},{y}");
            }
            assert_eq!(pixels[edge * side + edge], 0, "and no more than four");
        }
    }

    #[test]
    fn an_endless_text_is_refused() {
        assert_eq!(png(&"x".repeat(5_000)), Err(QrError::TooLong));
        assert_eq!(svg(&"x".repeat(5_000)), Err(QrError::TooLong));
    }
}
