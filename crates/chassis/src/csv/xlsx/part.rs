//! Whether a part of a workbook can be read a piece at a time: the reader behind this holds every token, every cell and every
//! open element whole, and reserves what a part announces.

use std::io::{self, Write};

/// Bytes of what belongs together: a token, a cell, a text that cells share. Excel itself takes 32,767 characters in a cell.
const MOST_HELD: u64 = 16 << 20;
/// Different texts of all cells: each takes some fifty bytes more than its letters.
const MOST_TEXTS: u64 = 1_000_000;
/// Sheets, names, formats and relationships, each. Excel takes some 65,000 formats.
const MOST_LISTED: u64 = 100_000;
const LISTED: [&[u8]; 10] =
    [b"sheet", b"definedName", b"Relationship", b"xf", b"font", b"fill", b"border", b"numFmt", b"cellStyle", b"dxf"];
/// Elements within each other.
const MOST_DEPTH: usize = 100;
const LONGEST_NAME: usize = 200;
/// Of a tag, as far as its attributes are looked at.
const LONGEST_TAG: usize = 16 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// In a start or end tag, or in what may yet turn out to be something else.
    Tag {
        quote: Option<u8>,
    },
    /// In a comment, CDATA or an instruction, until this.
    Until(&'static [u8]),
}

/// A part under way; what is written to it is looked at and forgotten.
pub(super) struct Part {
    state: State,
    /// What stands behind `<` so far, or the last bytes of what ends with several.
    token: Vec<u8>,
    /// The last byte of the tag so far.
    last: u8,
    /// Of the token.
    length: u64,
    /// Names of the elements that are open.
    open: Vec<Vec<u8>>,
    /// How deep the cell or text is that is open, if one is, and how long it is.
    held: Option<(usize, u64)>,
    texts: u64,
    listed: u64,
}

impl Part {
    /// Of this name, if it is one that the reader may open.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        (name.ends_with(".xml") || name.ends_with(".rels")).then(|| Self {
            state: State::Text,
            token: Vec::new(),
            last: 0,
            length: 0,
            open: Vec::new(),
            held: None,
            texts: 0,
            listed: 0,
        })
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            let taken = match self.state {
                State::Text => {
                    let end = rest.iter().position(|byte| *byte == b'<');
                    self.grow(end.unwrap_or(rest.len()))?;
                    if end.is_some() {
                        (self.state, self.length) = (State::Tag { quote: None }, 0);
                        self.token.clear();
                    }
                    end.map_or(rest.len(), |end| end + 1)
                }
                State::Tag { quote } => {
                    self.grow(1)?;
                    self.tag(*first, quote)?;
                    1
                }
                State::Until(end) => {
                    self.grow(1)?;
                    if self.token.len() == end.len() {
                        self.token.remove(0);
                    }
                    self.token.push(*first);
                    if self.token == end {
                        (self.state, self.length) = (State::Text, 0);
                    }
                    1
                }
            };
            rest = &rest[taken..];
        }
        Ok(())
    }

    fn grow(&mut self, by: usize) -> Result<(), &'static str> {
        let by = by as u64;
        self.length += by;
        let mut longest = self.length;
        if let Some((_, held)) = &mut self.held {
            *held += by;
            longest = longest.max(*held);
        }
        if longest > MOST_HELD { Err("one of its cells is larger than 16 MiB") } else { Ok(()) }
    }

    fn tag(&mut self, byte: u8, quote: Option<u8>) -> Result<(), &'static str> {
        if quote.is_none() && byte == b'>' && !self.token.starts_with(b"!") {
            (self.state, self.length) = (State::Text, 0);
            return self.end_of_tag();
        }
        self.last = byte;
        if self.token.len() < LONGEST_TAG {
            self.token.push(byte);
        }
        let until = |end: &'static [u8]| State::Until(end);
        self.state = match (self.token.as_slice(), quote) {
            ([b'?'], _) => until(b"?>"),
            (b"!--", _) => until(b"-->"),
            (b"![CDATA[", _) => until(b"]]>"),
            ([b'!', ..], _) if b"!--".starts_with(&self.token) || b"![CDATA[".starts_with(&self.token) => return Ok(()),
            ([b'!', ..], _) => return Err("it declares a type of document"),
            ([b'/', ..], _) => State::Tag { quote: None },
            (_, Some(open)) => State::Tag { quote: (byte != open).then_some(open) },
            (_, None) => State::Tag { quote: matches!(byte, b'"' | b'\'').then_some(byte) },
        };
        if matches!(self.state, State::Until(_)) {
            self.token.clear();
        }
        Ok(())
    }

    fn end_of_tag(&mut self) -> Result<(), &'static str> {
        if let Some(name) = self.token.strip_prefix(b"/") {
            if self.open.pop().is_none_or(|open| open != name.trim_ascii_end()) {
                return Err("its elements do not end in their order");
            }
            self.held = self.held.filter(|(depth, _)| *depth <= self.open.len());
            return Ok(());
        }
        let end = self.token.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/');
        let name = self.token[..end.unwrap_or(self.token.len())].to_vec();
        let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        self.started(local)?;
        if self.last == b'/' {
            return Ok(());
        }
        if self.open.len() == MOST_DEPTH || name.len() > LONGEST_NAME {
            return Err("its elements are nested too deeply");
        }
        let is_held = matches!(local, b"c" | b"si");
        self.open.push(name);
        if is_held && self.held.is_none() {
            self.held = Some((self.open.len(), 0));
        }
        Ok(())
    }

    fn started(&mut self, local: &[u8]) -> Result<(), &'static str> {
        match local {
            b"si" => self.texts += 1,
            b"sst" => {
                let announced = self.attributes(b"uniqueCount")?;
                if announced.iter().any(|count| number(count).is_none_or(|count| count > MOST_TEXTS)) {
                    return Err("it announces more than 1000000 different texts; send it in parts, or as CSV");
                }
            }
            b"Relationship" => self.related()?,
            _ => {}
        }
        self.listed += u64::from(LISTED.contains(&local));
        if self.texts > MOST_TEXTS {
            return Err("it has more than 1000000 different texts; send it in parts, or as CSV");
        }
        if self.listed > MOST_LISTED { Err("it has more sheets, names or formats than Excel takes") } else { Ok(()) }
    }

    /// What is read as a sheet must be named as what is looked at here.
    fn related(&self) -> Result<(), &'static str> {
        let read: [&[u8]; 4] = [b"worksheet", b"chartsheet", b"dialogsheet", b"officeDocument"];
        let is_read = self.attributes(b"Type")?.iter().any(|kind| read.iter().any(|end| kind.ends_with(end)));
        let is_looked_at = |target: &&[u8]| target.to_ascii_lowercase().ends_with(b".xml") && !target.contains(&b'&');
        if is_read && !self.attributes(b"Target")?.iter().all(is_looked_at) {
            return Err("one of its sheets is no XML");
        }
        Ok(())
    }

    /// What follows the name in the tag, each time it is there, up to the end of the quotes.
    fn attributes(&self, name: &[u8]) -> Result<Vec<&[u8]>, &'static str> {
        if self.token.len() == LONGEST_TAG {
            return Err("one of its tags is too long");
        }
        let places = self.token.windows(name.len()).enumerate().filter(|(_, window)| *window == name);
        let values = places.filter_map(|(at, _)| {
            let value = self.token[at + name.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
            let (quote, value) = value.split_first()?;
            let end = value.iter().position(|byte| byte == quote)?;
            Some(&value[..end])
        });
        Ok(values.collect())
    }

    /// When the part is over.
    pub fn end(&self) -> Result<(), &'static str> {
        if self.open.is_empty() && self.state == State::Text { Ok(()) } else { Err("one of its parts breaks off") }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(pieces: &[&[u8]]) -> Result<(), String> {
        let mut part = Part::named("xl/worksheets/Sheet1.XML").expect("is read");
        for piece in pieces {
            part.write_all(piece).map_err(|error| error.to_string())?;
        }
        part.end().map_err(str::to_owned)
    }

    fn whole(text: &str) -> Result<(), String> {
        let at_once = look(&[text.as_bytes()]);
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(look(&bytes), at_once, "{text}");
        at_once
    }

    #[test]
    fn what_is_well_formed_passes() {
        for text in [
            "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>",
            "<a x='>' y=\"</a>\"><b /><!-- <c> --><![CDATA[<c>]]]]><x:c></x:c>&amp;</a >",
            "<a><!----><b/></a>",
            "<sst count=\"9999999\" uniqueCount = '1000000'><si><t>x</t></si><si/></sst>",
            "<Relationship Type=\"http://x/relationships/worksheet\" Target=\"worksheets/sheet1.XML\"/>",
            "<Relationship Type=\"http://x/relationships/image\" Target=\"media/1.png\"/>",
        ] {
            assert_eq!(whole(text), Ok(()), "{text}");
        }
        for name in ["xl/media/image1.png", "xl/drawings/vmlDrawing1.vml", "xl/vbaProject.bin"] {
            assert!(Part::named(name).is_none(), "{name}");
        }
    }

    #[test]
    fn what_would_have_to_be_held_whole_is_refused() {
        let deep = "<a>".repeat(MOST_DEPTH + 1);
        let many = format!("<sst>{}</sst>", "<si/>".repeat(1_000_001));
        let formats = format!("<cellXfs>{}</cellXfs>", "<xf/>".repeat(100_001));
        for (text, fault) in [
            ("<a>", "breaks off"),
            ("<a", "breaks off"),
            ("<a></b>", "do not end in their order"),
            ("</a>", "do not end in their order"),
            ("<c><t>x</c></t>", "do not end in their order"),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a/>", "a type of document"),
            ("<sst uniqueCount=\"99999999999\"/>", "announces more than 1000000"),
            ("<x:sst a='1' uniqueCount='1000001'/>", "announces more than 1000000"),
            ("<sst uniqueCount='many'/>", "announces more than 1000000"),
            ("<Relationship Type='x/worksheet' Target='media/1.png'/>", "no XML"),
            ("<Relationship Target='sheet&#46;xml' Type='x/worksheet'/>", "no XML"),
            (&deep, "nested too deeply"),
            (&many, "more than 1000000 different texts"),
            (&formats, "more sheets, names or formats"),
        ] {
            let found = look(&[text.as_bytes()]).expect_err(fault);
            assert!(found.contains(fault), "{found}: {}", &text[..text.len().min(80)]);
        }
    }

    #[test]
    fn a_cell_of_any_make_is_bounded() {
        let piece = vec![b'x'; 1 << 20];
        for (before, between, after) in [
            ("<c><is><t>", "", "</t></is></c>"),
            ("<c><is>", "<r><t>x</t></r><!-- -->", "</is></c>"),
            ("<c><v>", "<![CDATA[ <c> ]]>", "</v></c>"),
            ("<si>", "<c></c><si></si>", "</si>"),
            ("<a b='", "", "'/>"),
            ("<!--", "<c>", "-->"),
            ("", "&amp;", ""),
        ] {
            let mut pieces: Vec<&[u8]> = vec![before.as_bytes()];
            for _ in 0..17 {
                pieces.extend([piece.as_slice(), between.as_bytes()]);
            }
            pieces.push(after.as_bytes());
            assert_eq!(look(&pieces), Err("one of its cells is larger than 16 MiB".to_owned()), "{before}");
        }
        let mut cells: Vec<&[u8]> = vec![b"<row>"];
        for _ in 0..17 {
            cells.extend([b"<c><v>".as_slice(), piece.as_slice(), b"</v></c>"]);
        }
        cells.push(b"</row>");
        assert_eq!(look(&cells), Ok(()), "each by itself is not too long");
    }
}
