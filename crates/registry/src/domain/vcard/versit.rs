//! vCard 2.1 (versit Consortium, 1996), as old phones and Outlook read it: bare types, and what is not plain ASCII, or too long
//! for a line, as quoted-printable.

use registry_contract::{Contact, ContactPoint, ContactPointKind, ContactPointLabel};

/// Characters of a line at most, its end apart (RFC 1521, 5.1).
const LONGEST_LINE: usize = 76;

/// The contact as one card. All of it is ASCII, so that no reader can take it for another charset.
pub fn write_card(contact: &Contact) -> String {
    let mut card = String::from("BEGIN:VCARD\r\nVERSION:2.1\r\n");
    let mut add = |name: &str, value: &str| card.push_str(&line(name, value, ""));
    add("UID", &format!("urn:uuid:{}", contact.id));
    add("FN", &contact.name);
    for (name, value) in [
        ("TITLE", &contact.title),
        ("EMAIL;INTERNET;PREF", &contact.email),
        ("TEL;WORK;VOICE;PREF", &contact.phone),
        ("TEL;CELL;VOICE;PREF", &contact.mobile),
    ] {
        if let Some(value) = value {
            add(name, value);
        }
    }
    for point in &contact.contact_points {
        add(&format!("{}{}", kind(point), label(point)), &point.value);
    }
    if let Some(language) = &contact.language {
        add("LANG", language);
    }
    for topic in &contact.topics {
        add("INTEREST", topic);
    }
    if let Some(note) = &contact.note {
        add("NOTE", note);
    }
    add("REV", &contact.updated_at.format("%Y%m%dT%H%M%SZ").to_string());
    // Required, with its five parts; which of a name is whose family's, a contact does not say.
    card.push_str(&line("N", &contact.name, ";;;;"));
    card.push_str("END:VCARD\r\n");
    card
}

fn kind(point: &ContactPoint) -> &'static str {
    match point.kind {
        ContactPointKind::Phone => "TEL",
        ContactPointKind::Email => "EMAIL;INTERNET",
    }
}

fn label(point: &ContactPoint) -> &'static str {
    match point.label {
        ContactPointLabel::Work => ";WORK",
        ContactPointLabel::Home => ";HOME",
        ContactPointLabel::Mobile => ";CELL",
        ContactPointLabel::Fax => ";FAX",
        ContactPointLabel::Other => "",
    }
}

/// A property with its value and the empty parts behind it. Other than 3.0, this version folds only where a blank is, which
/// readers disagree on: a value too long for its line is quoted-printable, whose lines end softly.
fn line(name: &str, value: &str, parts: &str) -> String {
    let plain = format!("{name}:{value}{parts}");
    if value.chars().all(is_plain) && plain.len() <= LONGEST_LINE {
        return plain + "\r\n";
    }
    let (mut text, mut line) = (String::new(), format!("{name};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"));
    for piece in value.chars().map(quoted).chain([parts.to_owned()]) {
        // One character is left for the soft end.
        if line.len() + piece.len() >= LONGEST_LINE {
            text += &line;
            text += "=\r\n";
            line.clear();
        }
        line += &piece;
    }
    text + &line + "\r\n"
}

/// Whether it means itself wherever it stands.
fn is_plain(c: char) -> bool {
    (c.is_ascii_graphic() || c == ' ') && !matches!(c, ';' | ',' | '\\' | '=')
}

/// All bytes of a character, which no soft end parts. Blanks and signs as well: some readers look at them before they decode.
fn quoted(c: char) -> String {
    match c {
        '\r' => String::new(),
        '\n' => "=0D=0A".to_owned(),
        plain if plain.is_ascii_alphanumeric() => plain.to_string(),
        other => other.to_string().bytes().map(|byte| format!("={byte:02X}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_plain_where_they_can_be() {
        let long = "x".repeat(80);
        for (name, value, parts, written) in [
            ("TITLE", "CTO", "", "TITLE:CTO\r\n".to_owned()),
            ("TEL;CELL", "+86 (755) 1", "", "TEL;CELL:+86 (755) 1\r\n".to_owned()),
            ("N", "Ann", ";;;;", "N:Ann;;;;\r\n".to_owned()),
            ("N", "", ";;;;", "N:;;;;\r\n".to_owned()),
            ("N", "李;", ";;;;", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=8E=3B;;;;\r\n".to_owned()),
            ("NOTE", "a\r\nb", "", "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:a=0D=0Ab\r\n".to_owned()),
            ("FN", r"a\n=b", "", "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:a=5Cn=3Db\r\n".to_owned()),
            ("FN", &long[..], "", {
                let head = "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:";
                format!("{head}{}=\r\n{}\r\n", "x".repeat(75 - head.len()), "x".repeat(5 + head.len()))
            }),
        ] {
            assert_eq!(line(name, value, parts), written, "{value:?}");
        }
        assert_eq!(line("TITLE", &long[10..], ""), format!("TITLE:{}\r\n", "x".repeat(70)));
    }

    #[test]
    fn no_line_is_too_long_and_no_character_is_parted() {
        let text = line("NOTE", &"长, x".repeat(200), "");
        for part in text.lines() {
            assert!(part.len() <= LONGEST_LINE && part.is_ascii(), "{part}");
            assert!(!part.starts_with("=95") && !part.starts_with("=BF"), "{part}");
        }
    }
}
