use complaints_contract::Happening;
use problem::FieldError;

use crate::domain::Faults;

/// Stands in a stored text where the customer's link for rating goes: the link itself is known to nobody else. From the
/// private use area, so that no text that people write has it.
const LINK: char = '\u{E000}';
const RATING_LINK: &str = "rating_link";

/// What is told at a step, with variables in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub subject: String,
    pub body: String,
}

/// What the variables stand for; an absent one is empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Values<'a> {
    pub number: &'a str,
    pub subject: &'a str,
    pub note: Option<&'a str>,
    pub resolution: Option<&'a str>,
}

/// What the customer is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub subject: String,
    /// Plain text, perhaps with the mark of a link.
    pub body: String,
    pub asks_for_rating: bool,
}

enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// Cuts a text at its variables; what stands in no pair of braces is text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        pieces.push(Piece::Text(before));
        let Some((name, after)) = after.split_once('}') else {
            pieces.push(Piece::Text(&rest[before.len()..]));
            return pieces;
        };
        pieces.push(Piece::Variable(name));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

impl Template {
    /// Names everything that is wrong with it.
    pub fn parse(step: Happening, subject: &str, body: &str) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let template =
            Self { subject: faults.text("/subject", subject, 200), body: faults.text("/body", body, 10_000) };
        if template.subject.contains('\n') {
            faults.add("/subject", "line-break", "must be one line");
        }
        for (pointer, text) in [("/subject", &template.subject), ("/body", &template.body)] {
            for piece in pieces(text) {
                match piece {
                    Piece::Variable("number" | "subject" | "note" | "resolution") => {}
                    Piece::Variable(RATING_LINK) if step == Happening::Closed && pointer == "/body" => {}
                    Piece::Variable(RATING_LINK) => {
                        let message = "{rating_link} belongs into the body of what is told at closing";
                        faults.add(pointer, "variable-not-here", message);
                    }
                    Piece::Variable(other) => {
                        let name: String = other.chars().take(50).collect();
                        faults.add(pointer, "variable-unknown", format!("there is no variable {{{name}}}"));
                    }
                    Piece::Text(text) if text.contains(['{', '}']) => {
                        faults.add(pointer, "brace", "has a brace without its counterpart");
                    }
                    Piece::Text(_) => {}
                }
            }
        }
        faults.none_or(template)
    }

    /// The message with these values, which are text and nothing else.
    #[must_use]
    pub fn fill(&self, values: Values<'_>) -> Message {
        let subject = filled(&self.subject, values).unwrap_or_default();
        let body = joined(self.body.lines().filter_map(|line| filled(line, values)));
        Message { subject: one_line(&subject), asks_for_rating: body.contains(LINK), body }
    }
}

/// The lines that are left as a text: what others stood between is not torn apart any more.
fn joined(left: impl Iterator<Item = String>) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in left {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// Nothing where the text has variables and all of them are empty.
fn filled(text: &str, values: Values<'_>) -> Option<String> {
    let (mut filled, mut variables, mut given) = (String::new(), 0, 0);
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Variable(name) => {
                let value = match name {
                    "number" => values.number.to_owned(),
                    "subject" => plain(values.subject),
                    "note" => plain(values.note.unwrap_or_default()),
                    "resolution" => plain(values.resolution.unwrap_or_default()),
                    RATING_LINK => LINK.to_string(),
                    _ => String::new(),
                };
                variables += 1;
                given += usize::from(!value.is_empty());
                filled.push_str(&value);
            }
        }
    }
    (variables == 0 || given > 0).then_some(filled)
}

/// What people wrote, without what is not seen: it might turn the text around, or break it up.
fn plain(text: &str) -> String {
    let unseen = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | LINK)
    };
    text.trim().replace("\r\n", "\n").replace(['\r', '\t'], " ").chars().filter(|letter| !unseen(*letter)).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(250).collect()
}

/// The body as it goes out, and as a part of a page. Without a link, the line that has it is left out, or it is shown that
/// there is one.
#[must_use]
pub fn ask(body: &str, link: Option<&str>) -> (String, String) {
    let body: String = match link {
        Some(_) => body.to_owned(),
        None => joined(body.lines().filter(|line| !line.contains(LINK)).map(str::to_owned)),
    };
    let html = html(&body).replace(LINK, &link.map_or_else(String::new, anchor));
    (body.replace(LINK, link.unwrap_or_default()), html)
}

fn anchor(link: &str) -> String {
    let link = escaped(link);
    format!("<a href=\"{link}\">{link}</a>")
}

/// A text as a part of an HTML page: paragraphs and lines, and nothing else that means anything.
#[must_use]
pub fn html(text: &str) -> String {
    let paragraph = |text: &str| format!("<p>{}</p>", escaped(text.trim_matches('\n')).replace('\n', "<br>"));
    text.trim_matches('\n').split("\n\n").map(paragraph).collect()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(body: &str) -> Template {
        Template::parse(Happening::Closed, "[{number}] {subject}", body).expect("a template")
    }

    #[test]
    fn a_line_whose_variables_are_empty_is_left_out() {
        let template = template("Hello,\n\n{note}\n\nIt was settled so: {resolution}\n\nBye");
        let filled =
            |note, resolution| template.fill(Values { number: "CP-1", subject: "Line down", note, resolution }).body;
        assert_eq!(filled(None, None), "Hello,\n\nBye\n");
        assert_eq!(filled(Some("We are sorry.\r\nTruly."), None), "Hello,\n\nWe are sorry.\nTruly.\n\nBye\n");
        assert_eq!(filled(None, Some("new card")), "Hello,\n\nIt was settled so: new card\n\nBye\n");
    }

    #[test]
    fn everything_wrong_is_named() {
        let faults =
            Template::parse(Happening::Resolved, "{number}\n{who}", "{rating_link} {note").expect_err("faults");
        let codes: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            codes,
            [
                ("/subject", "line-break"),
                ("/subject", "variable-unknown"),
                ("/body", "variable-not-here"),
                ("/body", "brace")
            ]
        );
    }

    #[test]
    fn a_value_is_no_template_no_header_and_no_html() {
        let template = template("{note}\n{rating_link}");
        let values = Values {
            number: "CP-1",
            subject: "{note}\r\nBcc: everybody@example.com",
            note: Some("<b>{resolution}</b> \u{202E}\u{E000}&"),
            resolution: Some("secret"),
        };
        let message = template.fill(values);
        assert_eq!(message.subject, "[CP-1] {note} Bcc: everybody@example.com");
        let (text, html) = ask(&message.body, Some("https://example.com/rate#a&b"));
        assert_eq!(text, "<b>{resolution}</b> &\nhttps://example.com/rate#a&b\n");
        assert_eq!(
            html,
            "<p>&lt;b&gt;{resolution}&lt;/b&gt; &amp;<br>\
             <a href=\"https://example.com/rate#a&amp;b\">https://example.com/rate#a&amp;b</a></p>"
        );
        assert_eq!(ask(&message.body, None).0, "<b>{resolution}</b> &\n", "no link, no line for it");
        assert_eq!(ask("Good-bye.\n\n\u{E000}\n\nYours\n", None).0, "Good-bye.\n\nYours\n", "nor a gap");
    }

    proptest! {
        #[test]
        fn whatever_people_write_ends_as_text(subject in ".{0,60}", note in "[\\PC\\n\\r\\t<>&{}\u{202E}\u{E000}]{0,80}") {
            let template = template("{subject}: {note}");
            let message = template.fill(Values { number: "CP-1", subject: &subject, note: Some(&note), resolution: None });
            prop_assert!(!message.subject.contains(['\n', '\r']));
            prop_assert!(!message.asks_for_rating);
            let (_, html) = ask(&message.body, Some("https://example.com"));
            let bare = html.replace("<p>", "").replace("</p>", "").replace("<br>", "");
            prop_assert!(!bare.contains(['<', '>', '"', '\'']));
            prop_assert!(!html.contains("href"));
        }
    }
}
