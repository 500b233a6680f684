/// How many bytes from the beginning a file's type is told by.
pub const HEAD: usize = 8 * 1024;
const LONGEST_NAME: usize = 120;

/// What may be attached; all else is refused. Nothing here runs when it is opened, and all is only ever downloaded.
pub const ALLOWED: [&str; 10] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/heif",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    TEXT,
];
const TEXT: &str = "text/plain";

/// The type of a file by how it begins, if it is one that may be attached. What its sender calls it does not count.
#[must_use]
pub fn media_type(head: &[u8]) -> Option<&'static str> {
    match infer::get(head) {
        Some(kind) => ALLOWED.into_iter().find(|allowed| *allowed == kind.mime_type()),
        None => is_text(head).then_some(TEXT),
    }
}

/// UTF-8 without control characters; the last character may be cut.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}'))
}

/// A name under which a file can be saved anywhere: no folders, nothing invisible or of a meaning to some system, and
/// its end, by which people tell what it is, kept.
#[must_use]
pub fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|letter| !is_unfit(*letter)).collect();
    let plain = plain.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
    if plain.is_empty() {
        return "attachment".to_owned();
    }
    let count = plain.chars().count();
    if count <= LONGEST_NAME {
        return plain.to_owned();
    }
    let end = plain.rsplit_once('.').map(|(_, end)| format!(".{end}")).filter(|end| end.chars().count() <= 10);
    let end = end.unwrap_or_default();
    let begin: String = plain.chars().take(LONGEST_NAME - end.chars().count()).collect();
    begin + &end
}

/// Control characters, what Windows forbids, and marks that turn the direction of writing round (`gpj.exe`).
fn is_unfit(letter: char) -> bool {
    letter.is_control()
        || "<>:\"|?*".contains(letter)
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_is_what_it_begins_like() {
        for (head, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Some("image/png")),
            (b"%PDF-1.7\n", Some("application/pdf")),
            (b"\xff\xd8\xff\xe0....", Some("image/jpeg")),
            (b"MZ\x90\x00", None),
            (b"\x7fELF\x02\x01\x01", None),
            (b"PK\x03\x04zip", None),
            (b"<!DOCTYPE html><script>", None),
            (b"a,b\r\n1,2\r\n", Some("text/plain")),
            ("基站退服".as_bytes(), Some("text/plain")),
            (&"基".as_bytes()[..2], Some("text/plain")),
            (b"\xd0\xd0\xd0", None),
            (b"a\0b", None),
        ] {
            assert_eq!(media_type(head), expected, "{head:?}");
        }
    }

    #[test]
    fn a_name_is_harmless() {
        for (given, expected) in [
            ("photo.jpg", "photo.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\photo.jpg", "photo.jpg"),
            ("投诉 照片.png", "投诉 照片.png"),
            ("a\r\nSet-Cookie: x.txt", "aSet-Cookie x.txt"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("...", "attachment"),
            ("", "attachment"),
        ] {
            assert_eq!(file_name(given), expected, "{given:?}");
        }
        let long = file_name(&format!("{}.pdf", "x".repeat(300)));
        assert_eq!((long.len(), long.ends_with(".pdf")), (120, true));
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_harmless_one(given in any::<String>()) {
            let name = file_name(&given);
            prop_assert!((1..=LONGEST_NAME).contains(&name.chars().count()));
            prop_assert!(!name.contains(['/', '\\', '"', '\r', '\n', '\0']) && !name.starts_with('.'));
        }
    }
}
