use std::borrow::Cow;

/// The one spelling of a path that is matched and sent on, or `None` for paths no client of good will sends: what the
/// gateway judged must be what the service sees, so nothing that some parser would read otherwise gets through.
///
/// Escapes of unreserved characters are undone (RFC 3986, section 6.2.2.2). Refused: empty and dot segments, also
/// escaped ones; backslashes; control characters; broken escapes. An escaped slash stays escaped: it is a character
/// of one segment.
#[must_use]
pub fn canonical(path: &str) -> Option<Cow<'_, str>> {
    let plain = if path.contains('%') { Cow::Owned(unescape_unreserved(path)?) } else { Cow::Borrowed(path) };
    let rest = plain.strip_prefix('/')?;
    let fine = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(is_path_byte);
    rest.split('/').all(fine).then_some(plain)
}

/// `pchar` of RFC 3986, section 3.3, with `%` for the escapes that were checked before.
fn is_path_byte(byte: u8) -> bool {
    is_unreserved(byte) || b"%!$&'()*+,;=:@".contains(&byte)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn unescape_unreserved(path: &str) -> Option<String> {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let digits = escape.get(1..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        let byte = u8::from_str_radix(digits, 16).ok()?;
        match byte {
            _ if is_unreserved(byte) => plain.push(char::from(byte)),
            b'\\' => return None,
            _ if byte.is_ascii_control() => return None,
            _ => plain.extend(["%", &digits.to_ascii_uppercase()]),
        }
        rest = &escape[3..];
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn one_spelling_or_none() {
        for (path, expected) in [
            ("/api/v1/customers", Some("/api/v1/customers")),
            ("/api/v1/%63ustomers", Some("/api/v1/customers")),
            ("/api/v1/customers/external/erp/A%2fB%20C", Some("/api/v1/customers/external/erp/A%2FB%20C")),
            ("/api/v1/customers/%E5%8D%8E", Some("/api/v1/customers/%E5%8D%8E")),
            ("/api/v1/customers/..", None),
            ("/api/v1/customers/%2e%2E/users", None),
            ("/api/v1/./customers", None),
            ("/api/v1//customers", None),
            ("/api/v1/customers/", None),
            ("/api/v1/customers\\..", None),
            ("/api/v1/%5c..", None),
            ("/api/v1/%00", None),
            ("/api/v1/%2", None),
            ("/api/v1/%zz", None),
            ("/api/v1/%+1", None),
            ("/", None),
            ("", None),
            ("customers", None),
        ] {
            assert_eq!(canonical(path).as_deref(), expected, "{path}");
        }
    }
}
