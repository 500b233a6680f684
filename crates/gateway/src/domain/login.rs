use std::fmt;

use super::Fault;

/// The name a user logs in with: lower case, so that `Li.Wei` and `li.wei` are one user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Login(String);

impl Login {
    /// 2 to 64 of `a-z 0-9 . _ @ + -`, beginning with a letter or digit; capitals are folded.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let folded = text.to_ascii_lowercase();
        let bytes = folded.as_bytes();
        let allowed = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._@+-".contains(b);
        let well_formed =
            (2..=64).contains(&bytes.len()) && bytes[0].is_ascii_alphanumeric() && bytes.iter().all(allowed);
        if well_formed {
            Ok(Self(folded))
        } else {
            Err(Fault::new(
                "pattern",
                "a login name has 2 to 64 of a-z, 0-9, `.`, `_`, `@`, `+`, `-` and begins with a letter or digit",
            ))
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_names() {
        for (text, expected) in [
            ("li.wei", Some("li.wei")),
            ("Li.Wei@Example.com", Some("li.wei@example.com")),
            ("a", None),
            (".li", None),
            ("li wei", None),
            ("李伟", None),
            ("", None),
        ] {
            assert_eq!(Login::parse(text).ok().as_ref().map(Login::as_str), expected, "{text}");
        }
        assert!(Login::parse(&"x".repeat(65)).is_err());
    }
}
