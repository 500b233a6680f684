//! Which charset a file is written in, and its text as UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::FileFault;

const BLOCK: usize = 64 * 1024;
/// As much of a file tells whether every second byte is empty.
const START: usize = 4096;
/// No text in UTF-8 has this byte: it marks what could not be decoded, for the row's reader to find.
const UNDECODABLE: u8 = 0xff;

/// The charset with this name (WHATWG labels: `gbk`, `utf-16le`, `windows-1252`, …).
pub fn named(label: &str) -> Result<&'static Encoding, FileFault> {
    Encoding::for_label(label.as_bytes()).ok_or_else(|| FileFault::CharsetUnsupported(label.to_owned()))
}

/// Finds the charset of a whole file: by its byte order mark, else UTF-16 by its zero bytes, else UTF-8 if all of it is, else
/// GB18030 (of which GBK and GB2312 are parts) if all of it is and reads like Chinese.
pub fn detect(mut open: impl FnMut() -> io::Result<Box<dyn Read>>) -> Result<&'static Encoding, FileFault> {
    let mut start = Vec::with_capacity(START);
    open()?.take(START as u64).read_to_end(&mut start)?;
    if let Some((marked, _)) = Encoding::for_bom(&start) {
        return Ok(marked);
    }
    if let Some(wide) = wide(&start) {
        return Ok(wide);
    }
    let Some(offender) = undecodable(open()?, UTF_8)? else { return Ok(UTF_8) };
    match undecodable(open()?, GB18030)? {
        None if reads_like_chinese(open()?)? => Ok(GB18030),
        _ => Err(FileFault::CharsetUnknown { row: offender }),
    }
}

/// UTF-16 without a mark: ASCII in it (commas, line ends) has zeros at every second byte, and no other text has any.
fn wide(start: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // A stray zero in eight-bit text is a fault of its row, not a charset.
    let least = (start.len() / 64).max(2);
    // Some characters, such as 一, have a zero on the other side.
    if even >= least && even > 3 * odd {
        Some(UTF_16BE)
    } else if odd >= least && odd > 3 * even {
        Some(UTF_16LE)
    } else {
        None
    }
}

/// The line of the first bytes that are no text in this charset.
fn undecodable(file: Box<dyn Read>, charset: &'static Encoding) -> io::Result<Option<u64>> {
    let mut text = Utf8::new(file, charset);
    let (mut block, mut line) = (vec![0; BLOCK], 1);
    loop {
        let count = text.read(&mut block)?;
        if count == 0 {
            return Ok(None);
        }
        let bad = block[..count].iter().position(|byte| *byte == UNDECODABLE);
        let before = &block[..bad.unwrap_or(count)];
        line += before.iter().filter(|byte| **byte == b'\n').count() as u64;
        if bad.is_some() {
            return Ok(Some(line));
        }
    }
}

/// Whether most pairs of bytes lie where GB 2312 has its characters. Western text in an eight-bit charset often decodes as
/// GBK by chance, but its accented letters are followed by plain ones.
fn reads_like_chinese(mut file: Box<dyn Read>) -> io::Result<bool> {
    let (mut pairs, mut common, mut lead) = (0_u64, 0_u64, false);
    let mut block = vec![0; BLOCK];
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok(common * 2 >= pairs);
        }
        for byte in &block[..count] {
            if lead {
                pairs += 1;
                common += u64::from(*byte >= 0xa1);
                lead = false;
            } else {
                lead = *byte >= 0x81;
            }
        }
    }
}

/// A text in another charset, read as UTF-8. The byte order mark is left out; bytes that are no text become one byte that
/// UTF-8 does not have.
pub struct Utf8<R> {
    file: R,
    decoder: Decoder,
    input: Box<[u8]>,
    start: usize,
    end: usize,
    /// Decoded, and taken up to `taken`.
    text: Vec<u8>,
    taken: usize,
    finished: bool,
}

impl<R: Read> Utf8<R> {
    pub fn new(file: R, charset: &'static Encoding) -> Self {
        Self {
            file,
            decoder: charset.new_decoder_with_bom_removal(),
            input: vec![0; BLOCK].into_boxed_slice(),
            start: 0,
            end: 0,
            text: Vec::new(),
            taken: 0,
            finished: false,
        }
    }

    /// Decodes what has been read, reading on first when that is used up.
    fn decode(&mut self) -> io::Result<()> {
        let at_end = self.start == self.end && {
            self.start = 0;
            self.end = self.file.read(&mut self.input)?;
            self.end == 0
        };
        self.text.resize(4 * BLOCK, 0);
        let input = &self.input[self.start..self.end];
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(input, &mut self.text, at_end);
        self.start += read;
        self.text.truncate(written);
        match result {
            DecoderResult::InputEmpty => self.finished = at_end,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => self.text.push(UNDECODABLE),
        }
        self.taken = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.text.len() && !self.finished {
            self.decode()?;
        }
        let count = out.len().min(self.text.len() - self.taken);
        out[..count].copy_from_slice(&self.text[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn detected(bytes: &[u8]) -> Result<&'static str, String> {
        let bytes = bytes.to_vec();
        let open = move || Ok(Box::new(io::Cursor::new(bytes.clone())) as Box<dyn Read>);
        detect(open).map(Encoding::name).map_err(|fault| fault.to_string())
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    fn decoded(bytes: &[u8], charset: &'static Encoding) -> Vec<u8> {
        let mut text = Vec::new();
        Utf8::new(bytes, charset).read_to_end(&mut text).expect("is read");
        text
    }

    const TEXT: &str = "客户名称,行业\r\n深圳示例科技,银行\r\n";

    #[test]
    fn charsets_are_found() {
        let gbk = encoding_rs::GBK.encode(TEXT).0.into_owned();
        for (bytes, expected) in [
            (TEXT.as_bytes().to_vec(), "UTF-8"),
            ([b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), "UTF-8"),
            (gbk, "gb18030"),
            (GB18030.encode("客户名称\n㐀𠀀\n").0.into_owned(), "gb18030"),
            (utf16(TEXT, false), "UTF-16LE"),
            (utf16(TEXT, true), "UTF-16BE"),
            ([vec![0xff, 0xfe], utf16(TEXT, false)].concat(), "UTF-16LE"),
            ([vec![0xfe, 0xff], utf16(TEXT, true)].concat(), "UTF-16BE"),
            (b"name,ci\0ty\n".to_vec(), "UTF-8"),
            (Vec::new(), "UTF-8"),
        ] {
            assert_eq!(detected(&bytes).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_could_be_anything_is_not_guessed() {
        let western = encoding_rs::WINDOWS_1252.encode("name\nCafé société\nMünchen, Straße, Ärger\n").0;
        assert!(detected(&western).is_err_and(|fault| fault.contains("row 2")));
        assert!(detected(b"name\nA\nB,\xff\n").is_err_and(|fault| fault.contains("row 3")));
    }

    #[test]
    fn what_is_no_text_is_marked() {
        let expected = ["a,广".as_bytes(), b"\xff,b\n"].concat();
        assert_eq!(decoded(b"a,\xb9\xe3\xff,b\n", GB18030), expected);
        assert_eq!(decoded(b"a\xd8", UTF_16LE), b"\xff");
    }

    proptest! {
        #[test]
        fn every_text_comes_back_whole(text in "[ -~\n一-龥]{0,200}", repeat in 1_usize..200) {
            let text = text.repeat(repeat);
            for (bytes, charset) in [
                (GB18030.encode(&text).0.into_owned(), GB18030),
                (utf16(&text, false), UTF_16LE),
                (utf16(&text, true), UTF_16BE),
            ] {
                prop_assert_eq!(decoded(&bytes, charset), text.as_bytes());
            }
        }
    }
}
