//! The picture of a QR code read back into its text, so that we can draw it ourselves
//! (`contracts/payments.md` §1.3, §1.4). The picture comes from outside: a size limit before
//! anything is unpacked, and whatever goes wrong is only "no text".

use crate::qris::{self, QrisError};
use std::{
    collections::VecDeque,
    io::Cursor,
    panic::catch_unwind,
    sync::{Mutex, PoisonError},
};
use vocabulary::{PaymentMethod, Rupiah};

/// Pixels on a side at most.
const MAX_SIDE: u32 = 2_048;
/// What the PNG decoder may allocate at most.
const MAX_DECODER_BYTES: usize = 32 * 1024 * 1024;
/// How many texts are remembered.
const REMEMBERED: usize = 1_024;

/// Why a buyer of this payment may not be shown this text of a code: no wallet takes one that is cut short or
/// altered, and one for another amount takes other money than ours. What a GoPay code is that is no QRIS is in
/// no document, so nothing can be said against it.
pub(super) fn objection(text: &str, (method, amount): (PaymentMethod, Rupiah)) -> Option<QrisError> {
    if method != PaymentMethod::Qris && !qris::is_qris(text) {
        return None;
    }
    let why = qris::check(text, amount).err()?;
    tracing::error!(%method, %why, "a QR code of Midtrans for {amount} is not shown: {why}");
    Some(why)
}

/// The text of the first readable QR code in a PNG image.
pub fn decode(image: &[u8]) -> Option<String> {
    // The reader of QR codes indexes by what it finds in the picture; a panic there must not lose
    // the charge that the picture belongs to.
    catch_unwind(|| read(image)).ok().flatten()
}

fn read(image: &[u8]) -> Option<String> {
    let (width, height, pixels) = greyscale(image)?;
    let pixel = |x: usize, y: usize| {
        let position = y.checked_mul(width).and_then(|row| row.checked_add(x));
        position.and_then(|p| pixels.get(p)).copied().unwrap_or(u8::MAX)
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    let grids = prepared.detect_grids();
    let text = grids.iter().find_map(|grid| grid.decode().ok().map(|(_, text)| text))?;
    (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

/// Width, height and one byte a pixel. Transparent pixels are paper.
fn greyscale(image: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    let limits = png::Limits { bytes: MAX_DECODER_BYTES };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(image), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().ok()?;
    if header.width > MAX_SIDE || header.height > MAX_SIDE {
        return None;
    }
    let mut reader = decoder.read_info().ok()?;
    let mut buffer = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut buffer).ok()?;
    let samples = frame.color_type.samples();
    let pixels = buffer.chunks_exact(samples).map(|pixel| match *pixel {
        [grey] => grey,
        [grey, alpha] => over_white(u32::from(grey), alpha),
        [red, green, blue] => luma(red, green, blue),
        [red, green, blue, alpha] => over_white(u32::from(luma(red, green, blue)), alpha),
        _ => u8::MAX,
    });
    let pixels: Vec<u8> = pixels.collect();
    Some((usize::try_from(frame.width).ok()?, usize::try_from(frame.height).ok()?, pixels))
}

fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    u8::try_from(sum / 1_000).unwrap_or(u8::MAX)
}

fn over_white(grey: u32, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    u8::try_from((grey * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

/// Texts that were read lately, by transaction id: a payment is asked about many times, its QR
/// code never changes, and every picture is one more call to a gateway that counts them.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<VecDeque<(String, String)>>);

impl Remembered {
    pub(super) fn get(&self, transaction_id: &str) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(id, _)| id == transaction_id).map(|(_, text)| text.clone())
    }

    pub(super) fn put(&self, transaction_id: &str, text: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.pop_front();
        }
        known.push_back((transaction_id.to_owned(), text.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QRIS: &str = "00020101021226690017ID.CO.EXAMPLE.WWW011893600914000000000102150000000000000010303UMI51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI5204581653033605405250005802ID5918DISCORD TOPUP TEST6007JAKARTA61051011062070703A01630476CA";

    /// The same picture in another colour type.
    fn recolour(image: &[u8], colour: png::ColorType, paint: impl Fn(u8) -> Vec<u8>) -> Vec<u8> {
        let (width, height, pixels) = greyscale(image).unwrap();
        let mut out = Vec::new();
        let (width, height) = (u32::try_from(width).unwrap(), u32::try_from(height).unwrap());
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(colour);
        encoder.set_depth(png::BitDepth::Eight);
        let data: Vec<u8> = pixels.into_iter().flat_map(paint).collect();
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
        out
    }

    #[test]
    fn a_picture_of_any_colour_type_is_read() {
        let image = vocabulary::qr::png(QRIS).unwrap();
        assert_eq!(decode(&image).as_deref(), Some(QRIS));
        let ink = |grey: u8| if grey < 128 { 255 } else { 0 };
        for image in [
            recolour(&image, png::ColorType::Rgb, |g| vec![g, g / 2, g]),
            recolour(&image, png::ColorType::Rgba, |g| vec![0, 0, 90, ink(g)]),
            recolour(&image, png::ColorType::GrayscaleAlpha, |g| vec![0, ink(g)]),
        ] {
            assert_eq!(decode(&image).as_deref(), Some(QRIS));
        }
    }

    #[test]
    fn a_picture_that_is_none_or_too_large_or_cut_short_has_no_text() {
        let image = vocabulary::qr::png(QRIS).unwrap();
        assert_eq!(decode(b""), None);
        assert_eq!(decode(b"<html>502 Bad Gateway</html>"), None);
        assert_eq!(decode(image.get(..image.len() / 2).unwrap()), None);
        let mut huge = Vec::new();
        let mut encoder = png::Encoder::new(&mut huge, 60_000, 60_000);
        encoder.set_color(png::ColorType::Grayscale);
        drop(encoder.write_header().unwrap());
        assert_eq!(decode(&huge), None, "refused by its header");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let remembered = Remembered::default();
        for number in 0..2 * REMEMBERED {
            remembered.put(&number.to_string(), "text");
        }
        assert_eq!(remembered.get("0"), None);
        assert_eq!(remembered.get(&(2 * REMEMBERED - 1).to_string()).as_deref(), Some("text"));
        assert!(remembered.0.lock().unwrap().len() <= REMEMBERED);
    }

    proptest! {
        #[test]
        fn a_damaged_picture_never_panics(at in 0usize..400, byte in any::<u8>(), junk in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut image = vocabulary::qr::png("LK").unwrap();
            if let Some(place) = image.get_mut(at) { *place = byte; }
            decode(&image);
            decode(&junk);
        }
    }
}
