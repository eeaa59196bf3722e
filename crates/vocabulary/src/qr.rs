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

    fn read(image: &[u8]) -> String {
        let mut reader = png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let width = frame.width as usize;
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(width, frame.height as usize, |x, y| {
                pixels[y * width + x]
            });
        prepared.detect_grids()[0].decode().unwrap().1
    }

    #[test]
    fn a_png_reads_back_as_what_was_written() {
        for text in [QRIS, "https://example.test/pay/1", "é ünïcode"] {
            assert_eq!(read(&png(text).unwrap()), text);
        }
    }

    #[test]
    fn svg_is_one_document_and_an_endless_text_is_refused() {
        assert!(svg(QRIS).unwrap().starts_with("<svg"));
        assert_eq!(png(&"x".repeat(5_000)), Err(QrError::TooLong));
    }
}
