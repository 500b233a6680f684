use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use problem::Failure;

use crate::refusal::Refusal;

/// The version that a change expects: `If-Match`, required on every change and delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: overwrite whatever is there.
    Any,
    Version(i64),
}

/// Someone else changed the thing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is version {current} now: read it again, then repeat your change with its ETag")]
pub struct Stale {
    pub current: i64,
}

const STALE: problem::Code =
    problem::Code { code: "version-stale", status: 412, title: "Version stale", title_zh: "版本已过期" };

impl problem::Describe for Stale {
    fn code(&self) -> &'static problem::Code {
        &STALE
    }
}

impl IfMatch {
    /// # Errors
    /// [`Stale`] (412) unless this is the version that was expected.
    pub fn check(self, version: i64) -> Result<(), Stale> {
        match self {
            Self::Any => Ok(()),
            Self::Version(expected) if expected == version => Ok(()),
            Self::Version(_) => Err(Stale { current: version }),
        }
    }

    fn parse(header: Option<&header::HeaderValue>) -> Result<Self, Refusal> {
        let text = header.ok_or(Refusal::IfMatchMissing)?.to_str().map_err(|_| Refusal::IfMatchInvalid)?.trim();
        if text == "*" {
            return Ok(Self::Any);
        }
        // A proxy that compresses may have made our strong tag a weak one.
        let tag = text.strip_prefix("W/").unwrap_or(text);
        let version = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match version.map(str::parse) {
            Some(Ok(version)) => Ok(Self::Version(version)),
            _ => Err(Refusal::IfMatchInvalid),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.headers().get(header::IF_MATCH)).map_err(Failure::from))
    }
}

pub(super) fn of(version: i64) -> String {
    format!("\"{version}\"")
}

/// Whether an `If-None-Match` names this tag (RFC 9110, section 13.1.2: weak comparison).
pub(crate) fn is_unchanged(if_none_match: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match.trim() == "*" || if_none_match.split(',').any(|tag| opaque(tag) == opaque(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_is_a_version_or_anything() {
        let cases = [
            (None, Err("if-match-missing")),
            (Some("*"), Ok(IfMatch::Any)),
            (Some("\"7\""), Ok(IfMatch::Version(7))),
            (Some(" W/\"7\" "), Ok(IfMatch::Version(7))),
            (Some("7"), Err("if-match-invalid")),
            (Some("\"7"), Err("if-match-invalid")),
            (Some("\"seven\""), Err("if-match-invalid")),
            (Some("\"1\", \"2\""), Err("if-match-invalid")),
        ];
        for (text, expected) in cases {
            let header = text.map(header::HeaderValue::from_static);
            let seen = IfMatch::parse(header.as_ref()).map_err(|refusal| problem::Describe::code(&refusal).code);
            assert_eq!(seen, expected, "{text:?}");
        }
    }

    #[test]
    fn only_the_expected_version_may_be_changed() {
        assert_eq!(IfMatch::Any.check(3), Ok(()));
        assert_eq!(IfMatch::Version(3).check(3), Ok(()));
        assert_eq!(IfMatch::Version(2).check(3), Err(Stale { current: 3 }));
    }

    #[test]
    fn if_none_match_compares_weakly() {
        for (header, expected) in
            [("\"3\"", true), ("\"1\", W/\"3\"", true), ("*", true), ("\"33\"", false), ("3", false)]
        {
            assert_eq!(is_unchanged(header, "\"3\""), expected, "{header}");
        }
    }
}
