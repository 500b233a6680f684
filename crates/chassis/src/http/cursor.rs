use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const TAG: usize = 16;

/// Where a list goes on: signed, so that nobody reads another list, or another order, with it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The operation whose list it is.
    pub list: String,
    pub sort: String,
    /// Values of the sort fields, then the id, of the last item before.
    pub after: Vec<Value>,
}

impl Cursor {
    pub(super) fn write(&self, key: &hmac::Key) -> String {
        let mut bytes = serde_json::to_vec(self).expect("texts and values are JSON");
        let tag = hmac::sign(key, &bytes);
        bytes.extend_from_slice(&tag.as_ref()[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(super) fn read(text: &str, key: &hmac::Key) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (json, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
        let expected = hmac::sign(key, json);
        // A difference found early would tell an attacker how much of a guess was right.
        let differing = tag.iter().zip(expected.as_ref()).fold(0, |all, (a, b)| all | (a ^ b));
        if differing != 0 {
            return None;
        }
        serde_json::from_slice(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn key(byte: u8) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32])
    }

    fn cursor() -> Cursor {
        Cursor {
            list: "list_customers".into(), sort: "-updated_at,name".into(), after: vec![json!("华为"), json!(7)]
        }
    }

    #[test]
    fn a_cursor_reads_as_it_writes_with_the_same_key_only() {
        let text = cursor().write(&key(1));
        assert_eq!(Cursor::read(&text, &key(1)), Some(cursor()));
        assert_eq!(Cursor::read(&text, &key(2)), None);
    }

    proptest! {
        #[test]
        fn any_other_text_is_no_cursor(text in ".{0,60}") {
            prop_assert_eq!(Cursor::read(&text, &key(1)), None);
        }

        #[test]
        fn any_changed_character_is_noticed(at in 0..100_usize) {
            let mut text = cursor().write(&key(1)).into_bytes();
            // The last character may carry bits that mean nothing.
            let at = at % (text.len() - 1);
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            prop_assert_eq!(Cursor::read(&String::from_utf8(text).unwrap(), &key(1)), None);
        }
    }
}
