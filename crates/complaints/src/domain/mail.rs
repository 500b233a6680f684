use complaints_contract::{Channel, Complainant, ComplaintMessageId, MailReason, NewComplaint};
use mail_parser::{Message, MessageParser, MimeHeaders as _};

use super::faults::is_email;

/// How the ids of our own mails begin, so that one that comes back is known: `<guanxi.CP-2026-000123.…@…>`.
const OWN: &str = "guanxi.";
const LONGEST_SUBJECT: usize = 200;
const LONGEST_TEXT: usize = 20_000;

/// The id of a mail of ours, from that host: of one message about a complaint, or what all of them refer to.
#[must_use]
pub fn own_mail(number: &str, message: Option<ComplaintMessageId>, host: &str) -> String {
    match message {
        Some(message) => format!("{OWN}{number}.{message}@{host}"),
        None => format!("{OWN}{number}@{host}"),
    }
}

/// A mail, as far as a complaint needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Without the angle brackets; nothing where the sender gave none.
    pub message_id: Option<String>,
    /// The sender's address in small letters.
    pub sender: Option<String>,
    pub name: Option<String>,
    pub subject: String,
    pub text: String,
    /// Name and content of each file it brings; the sender may have given a name or not.
    pub files: Vec<(String, Vec<u8>)>,
    /// The tracking number it names, in its subject or as an answer to one of our mails.
    pub number: Option<String>,
    /// Why nobody wants it answered.
    pub automatic: Option<MailReason>,
}

impl Letter {
    /// Nothing where the bytes have no header that can be read. Whatever else is broken is taken as far as it can be.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Option<Self> {
        let message = MessageParser::default().parse(raw)?;
        if message.headers().is_empty() {
            return None;
        }
        let from = message.from().and_then(|from| from.first());
        let address = from.and_then(|from| from.address()).map(|address| address.trim().to_lowercase());
        let subject = readable(message.subject().unwrap_or_default(), LONGEST_SUBJECT).replace(['\n', '\t'], " ");
        let text = readable(&message.body_text(0).unwrap_or_default(), LONGEST_TEXT);
        let threads = ["In-Reply-To", "References"].map(|name| message.header_raw(name).unwrap_or_default());
        let number = number_in(&subject).or_else(|| threads.iter().find_map(|ids| number_in(ids)));
        Some(Self {
            message_id: message.message_id().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()),
            name: from.and_then(|from| from.name()).map(|name| readable(name, 200)).filter(|name| !name.is_empty()),
            automatic: automatic(&message, address.as_deref()),
            // What is odd but valid, such as a quoted name, is no address that we write to: the mail is taken in without.
            sender: address.filter(|address| is_email(address)),
            files: files(&message),
            subject,
            text,
            number,
        })
    }

    /// The complaint it makes where it names none.
    #[must_use]
    pub fn complaint(&self) -> NewComplaint {
        let first_line = self.text.lines().find(|line| !line.trim().is_empty());
        let given = Some(self.subject.trim()).filter(|subject| !subject.is_empty());
        let subject = given.or(first_line).unwrap_or("(no subject)").trim();
        let language = if self.subject.chars().chain(self.text.chars()).any(is_han) { "zh-CN" } else { "en" };
        NewComplaint {
            description: Some(self.text.trim().to_owned()).filter(|text| !text.is_empty()),
            language: Some(language.to_owned()),
            complainant: Some(Complainant {
                name: self.name.clone(),
                email: self.sender.clone(),
                ..Complainant::default()
            }),
            ..NewComplaint::about(Channel::Email, subject.chars().take(LONGEST_SUBJECT).collect::<String>())
        }
    }

    /// What it adds to the complaint it names.
    #[must_use]
    pub fn message(&self) -> &str {
        let text = self.text.trim();
        if text.is_empty() { self.subject.trim() } else { text }
    }
}

fn files(message: &Message<'_>) -> Vec<(String, Vec<u8>)> {
    let file = |(place, part): (usize, &mail_parser::MessagePart<'_>)| {
        let name = part.attachment_name().map_or_else(|| format!("attachment-{}", place + 1), str::to_owned);
        (name, part.contents().to_vec())
    };
    message.attachments().enumerate().map(file).filter(|(_, content)| !content.is_empty()).collect()
}

/// RFC 3834 and what is customary besides: whatever says by one of these that no person waits for an answer.
fn automatic(message: &Message<'_>, sender: Option<&str>) -> Option<MailReason> {
    let value = |name: &'static str| message.header_raw(name).map(|value| value.trim().to_lowercase());
    let has = |name: &'static str| message.header(name).is_some();
    let own = message.message_id().is_some_and(|id| id.trim_start_matches('<').starts_with(OWN));
    let bounced = value("Return-Path").is_some_and(|path| path == "<>")
        || sender.is_none_or(|sender| sender.starts_with("mailer-daemon@") || sender.starts_with("postmaster@"));
    let auto_submitted =
        value("Auto-Submitted").is_some_and(|how| how.split(';').next().unwrap_or_default().trim() != "no");
    let precedence = value("Precedence").unwrap_or_default();
    if own {
        Some(MailReason::Own)
    } else if auto_submitted || has("X-Autoreply") || has("X-Autorespond") {
        Some(MailReason::AutoSubmitted)
    } else if bounced {
        Some(MailReason::NullSender)
    } else if has("List-Id") {
        Some(MailReason::MailingList)
    } else if matches!(precedence.as_str(), "bulk" | "junk" | "list" | "auto_reply") {
        Some(MailReason::Bulk)
    } else if has("X-Auto-Response-Suppress") {
        Some(MailReason::Suppressed)
    } else {
        None
    }
}

/// The first tracking number in a text, such as `CP-2026-000123`.
#[must_use]
pub fn number_in(text: &str) -> Option<String> {
    text.match_indices("CP-").find_map(|(start, _)| {
        let rest = &text[start + 3..];
        let (year, rest) = rest.split_at_checked(4)?;
        let rest = rest.strip_prefix('-')?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let plain = year.bytes().all(|digit| digit.is_ascii_digit()) && (6..=18).contains(&digits.len());
        plain.then(|| format!("CP-{year}-{digits}"))
    })
}

/// Without control characters, and cut where it is too long.
fn readable(text: &str, longest: usize) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
    plain.take(longest).collect::<String>().trim().to_owned()
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mail(headers: &str) -> Letter {
        let raw =
            format!("From: Wang Fang <Wang@Example.com>\r\nSubject: Line down\r\n{headers}\r\nThe line is down.\r\n");
        Letter::parse(raw.as_bytes()).expect("a mail")
    }

    #[test]
    fn a_person_is_told_from_a_program() {
        use MailReason::{AutoSubmitted, Bulk, MailingList, NullSender, Own, Suppressed};
        for (headers, expected) in [
            ("", None),
            ("Auto-Submitted: no\r\n", None),
            ("Auto-Submitted: auto-replied\r\n", Some(AutoSubmitted)),
            ("auto-submitted: Auto-Generated; x=1\r\n", Some(AutoSubmitted)),
            ("X-Autoreply: yes\r\n", Some(AutoSubmitted)),
            ("Precedence: bulk\r\n", Some(Bulk)),
            ("Precedence: first-class\r\n", None),
            ("X-Auto-Response-Suppress: All\r\n", Some(Suppressed)),
            ("List-Id: News <news.example.com>\r\n", Some(MailingList)),
            ("Return-Path: <>\r\n", Some(NullSender)),
            ("Return-Path: <wang@example.com>\r\n", None),
            ("Message-ID: <guanxi.CP-2026-000123.1@example.com>\r\n", Some(Own)),
            ("Message-ID: <1.guanxi@example.com>\r\n", None),
        ] {
            assert_eq!(mail(headers).automatic, expected, "{headers:?}");
        }
        let daemon =
            Letter::parse(b"From: MAILER-DAEMON@example.com\r\nSubject: Undelivered\r\n\r\nx").expect("a mail");
        assert_eq!(daemon.automatic, Some(NullSender));
    }

    #[test]
    fn a_reply_names_its_complaint_by_subject_or_thread() {
        assert_eq!(mail("").number, None);
        let threaded = mail("References: <a@b> <guanxi.CP-2026-000123.77@example.com>\r\n");
        assert_eq!(threaded.number.as_deref(), Some("CP-2026-000123"));
        for (text, expected) in [
            ("Re: [CP-2026-000123] Line", Some("CP-2026-000123")),
            ("CP-26-000123", None),
            ("CP- CP-2026-1234567!", Some("CP-2026-1234567")),
            ("CP-2026-12", None),
            ("CP-20二6-000123", None),
            ("", None),
        ] {
            assert_eq!(number_in(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_mail_becomes_a_complaint() {
        let letter = mail("");
        assert_eq!((letter.sender.as_deref(), letter.name.as_deref()), (Some("wang@example.com"), Some("Wang Fang")));
        let complaint = letter.complaint();
        assert_eq!((complaint.subject.as_str(), complaint.language.as_deref()), ("Line down", Some("en")));
        assert_eq!(complaint.description.as_deref(), Some("The line is down."));
        let raw = "From: w@example.com\r\nSubject: \r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\r\n基站退服\r\n";
        let bare = Letter::parse(raw.as_bytes()).expect("a mail");
        let complaint = bare.complaint();
        assert_eq!((complaint.subject.as_str(), complaint.language.as_deref()), ("基站退服", Some("zh-CN")));
    }

    proptest! {
        #[test]
        fn broken_mails_are_read_as_far_as_they_can_be(raw in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Some(letter) = Letter::parse(&raw) {
                let complaint = letter.complaint();
                prop_assert!(!complaint.subject.trim().is_empty() && complaint.subject.chars().count() <= 200);
            }
        }

        #[test]
        fn broken_structure_is_no_trouble(
            body in "(--b\r\n|Content-Type: [a-z/]{0,12}; boundary=b\r\n|=\\?utf-8\\?[QB]\\?[ -~]{0,9}|\r\n|[ -~]{0,9}){0,30}",
        ) {
            let raw = format!("From: a@b.c\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{body}");
            let letter = Letter::parse(raw.as_bytes()).expect("it has a header");
            prop_assert!(letter.text.chars().count() <= LONGEST_TEXT);
        }
    }
}
