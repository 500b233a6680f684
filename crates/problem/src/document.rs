use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Code;

pub const CONTENT_TYPE: &str = "application/problem+json";

/// What went wrong (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `/problems/<code>`.
    #[schema(example = "/problems/customer-not-found")]
    pub r#type: String,
    /// What `code` means, in the language asked for (`Accept-Language`: en or zh-CN).
    pub title: String,
    pub status: u16,
    /// What happened this time, and what to do. Absent when the fault is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The path that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Stable; decide on this, not on the texts.
    #[schema(example = "customer-not-found")]
    pub code: String,
    /// Tell this to whoever runs the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Every wrong field at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Where: a JSON pointer into the body (`/contacts/0/email`), `?name` of the query, or `{name}` of the path.
    #[schema(example = "/name")]
    pub pointer: String,
    /// Stable and kebab-case, such as `missing-field`.
    #[schema(example = "missing-field")]
    pub code: String,
    pub message: String,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), message: message.into() }
    }

    /// The same fault in a value that stands at `prefix` of a larger document.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        self.pointer.insert_str(0, prefix);
        self
    }
}

/// The languages titles come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Chinese,
}

impl Language {
    /// The best of ours for an `Accept-Language` value (RFC 9110, section 12.5.4); English when none fits.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let mut best = (Self::English, 0.0_f32);
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let quality: f32 = parts
                .find_map(|parameter| parameter.trim().strip_prefix("q="))
                .map_or(1.0, |quality| quality.trim().parse().unwrap_or(0.0));
            let primary = tag.split('-').next().unwrap_or_default();
            let language = if primary.eq_ignore_ascii_case("zh") {
                Self::Chinese
            } else if primary.eq_ignore_ascii_case("en") || primary == "*" {
                Self::English
            } else {
                continue;
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }

    /// As a `Content-Language` value.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }
}

impl Code {
    #[must_use]
    pub fn title_in(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.title,
            Language::Chinese => self.title_zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_quality_wins() {
        use Language::{Chinese, English};
        let cases = [
            ("", English),
            ("zh-CN", Chinese),
            ("zh", Chinese),
            ("en-US, zh-CN;q=0.5", English),
            ("en;q=0.4, zh-TW;q=0.8", Chinese),
            ("de, fr;q=0.9", English),
            ("de, zh;q=0.1", Chinese),
            ("*, zh;q=0.5", English),
            ("zh;q=nonsense", English),
        ];
        for (header, expected) in cases {
            assert_eq!(Language::accepted(header), expected, "{header:?}");
        }
    }
}
