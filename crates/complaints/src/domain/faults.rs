use chrono::{DateTime, TimeDelta, Utc};
use problem::FieldError;
use wire::ExternalId;

use super::Severity;

/// Clocks of other machines run ahead a little; more than this is a mistake.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Collects what is wrong, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    pub fn add(&mut self, pointer: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(pointer, code, message));
    }

    pub fn none_or<T>(self, good: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() { Ok(good) } else { Err(self.0) }
    }

    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }

    /// Trimmed.
    pub fn text(&mut self, pointer: &str, text: &str, longest: usize) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.add(pointer, "blank", "must not be blank");
        }
        if text.chars().count() > longest {
            self.add(pointer, "too-long", format!("must have at most {longest} characters"));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
            self.add(pointer, "control-character", "contains control characters");
        }
        text.to_owned()
    }

    pub fn some_text(&mut self, pointer: &str, text: Option<&str>, longest: usize) -> Option<String> {
        text.map(|text| self.text(pointer, text, longest))
    }

    pub fn severity(&mut self, pointer: &str, number: i16) -> Severity {
        Severity::try_from(number).unwrap_or_else(|_| {
            self.add(pointer, "out-of-range", "must be from 1 to 4");
            Severity::Moderate
        })
    }

    /// A tag in the shape of BCP 47.
    pub fn language(&mut self, pointer: &str, tag: &str) -> String {
        let mut parts = tag.split('-');
        let primary = parts.next().unwrap_or_default();
        let alphabetic = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        let plain = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if !alphabetic || !parts.all(plain) || tag.len() > 35 {
            self.add(pointer, "bad-language", "must be a language tag such as zh-CN or en");
        }
        tag.to_owned()
    }

    pub fn external_id(&mut self, pointer: &str, key: &ExternalId) -> ExternalId {
        let first = key.system.bytes().next().unwrap_or_default();
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
        if !(first.is_ascii_lowercase() || first.is_ascii_digit())
            || !key.system.bytes().all(plain)
            || key.system.len() > 50
        {
            let message = "must be a short name of small letters, digits, _, . and -, such as zendesk";
            self.add(&format!("{pointer}/system"), "bad-system", message);
        }
        ExternalId { system: key.system.clone(), id: self.text(&format!("{pointer}/id"), &key.id, 200) }
    }

    /// In small letters.
    pub fn email(&mut self, pointer: &str, email: &str) -> String {
        let email = email.trim().to_lowercase();
        if !is_email(&email) {
            self.add(pointer, "bad-email", "must be an address such as wang@example.com");
        }
        email
    }

    pub fn phone(&mut self, pointer: &str, phone: &str) -> String {
        let phone = phone.trim();
        let digits = phone.bytes().filter(u8::is_ascii_digit).count();
        let plain = phone.chars().all(|letter| letter.is_ascii_digit() || "+-() ./#*ext".contains(letter));
        if !plain || !(3..=20).contains(&digits) || phone.len() > 40 {
            self.add(pointer, "bad-phone", "must be a phone number such as +86 755 2878 0808");
        }
        phone.to_owned()
    }

    /// An instant that lies in the past, as far as clocks agree, but not before 1970: calendars are walked day by day
    /// from it on.
    pub fn past(&mut self, pointer: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        if at > now + AHEAD {
            self.add(pointer, "in-future", "lies in the future");
        }
        if at < DateTime::UNIX_EPOCH {
            self.add(pointer, "out-of-range", "must not lie before 1970-01-01");
        }
        wire::truncate(at).min(now)
    }
}

/// Whether it has the shape of an address that mail can be sent to.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let wrong = |letter: char| letter.is_control() || letter.is_whitespace() || "<>,;\"".contains(letter);
    let parts = text.rsplit_once('@');
    let shaped = parts.is_some_and(|(user, host)| !user.is_empty() && host.len() > 1 && !user.contains('@'));
    shaped && !text.contains(wrong) && text.chars().count() <= 254
}
