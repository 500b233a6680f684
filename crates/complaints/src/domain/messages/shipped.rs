//! What is said where the company has not said it in its own words.

use complaints_contract::Happening;

use super::Template;

/// Languages that something is shipped in.
pub const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// Steps at which something is told, in the order of a complaint's life.
pub const STEPS: [Happening; 13] = [
    Happening::Opened,
    Happening::Acknowledged,
    Happening::Assessed,
    Happening::InvestigationStarted,
    Happening::Informed,
    Happening::WaitStarted,
    Happening::Responded,
    Happening::Escalated,
    Happening::Resolved,
    Happening::Closed,
    Happening::Reopened,
    Happening::Withdrawn,
    Happening::Rejected,
];

/// The template that is shipped for the step, in one of [`LANGUAGES`].
#[must_use]
pub fn shipped(step: Happening, language: &str) -> Option<Template> {
    let chinese = match language {
        "zh-CN" => true,
        "en" => false,
        _ => return None,
    };
    let (zh, en) = said(step)?;
    let ((title, text), greeting, end) = if chinese {
        (zh, "您好：", "如需补充，请在回复时保留编号 {number}。")
    } else {
        (en, "Hello,", "To add anything, reply and keep the number {number} in the subject.")
    };
    Some(Template { subject: format!("[{{number}}] {title}"), body: format!("{greeting}\n\n{text}\n\n{end}\n") })
}

type Said = (&'static str, &'static str);

/// Title and text, in Chinese and in English. Names nobody and quotes no more than the subject and what was noted for the
/// customer: it may reach a wrong address.
fn said(step: Happening) -> Option<(Said, Said)> {
    Some(match step {
        Happening::Opened => (
            ("我们已收到您的投诉", "我们已收到您关于“{subject}”的投诉，编号为 {number}。我们会尽快处理并告知您进展。"),
            (
                "We have received your complaint",
                "we have received your complaint about \"{subject}\". Its number is {number}. We will look into it and tell you how it goes.",
            ),
        ),
        Happening::Acknowledged => (
            ("我们已开始处理您的投诉", "您关于“{subject}”的投诉已确认，由专人负责。\n\n{note}"),
            (
                "Your complaint is in hand",
                "your complaint about \"{subject}\" is confirmed and in somebody's hands.\n\n{note}",
            ),
        ),
        Happening::Assessed => (
            ("您的投诉已评估", "我们已评估您关于“{subject}”的投诉，并安排了处理人。\n\n{note}"),
            (
                "Your complaint was assessed",
                "we have assessed your complaint about \"{subject}\" and given it to somebody.\n\n{note}",
            ),
        ),
        Happening::InvestigationStarted => (
            ("我们正在调查您的投诉", "我们正在调查您关于“{subject}”的投诉。\n\n{note}"),
            ("We are looking into your complaint", "we are looking into your complaint about \"{subject}\".\n\n{note}"),
        ),
        Happening::Informed => (
            ("您的投诉有新进展", "关于您的投诉“{subject}”：\n\n{note}"),
            ("News of your complaint", "about your complaint \"{subject}\":\n\n{note}"),
        ),
        Happening::WaitStarted => (
            ("我们需要您的协助", "为继续处理您关于“{subject}”的投诉，我们需要您的答复：\n\n{note}"),
            (
                "We need something from you",
                "to go on with your complaint about \"{subject}\", we need your answer:\n\n{note}",
            ),
        ),
        Happening::Responded => (
            ("关于您投诉的答复", "关于您的投诉“{subject}”，我们答复如下：\n\n{note}"),
            ("Our answer to your complaint", "this is our answer to your complaint about \"{subject}\":\n\n{note}"),
        ),
        Happening::Escalated => (
            ("您的投诉已升级处理", "您关于“{subject}”的投诉已提交上级处理。\n\n{note}"),
            (
                "Your complaint was taken higher",
                "your complaint about \"{subject}\" was given to those above.\n\n{note}",
            ),
        ),
        Happening::Resolved => (
            ("您的投诉已解决", "您关于“{subject}”的投诉已解决。\n\n处理结果：{resolution}\n\n{note}"),
            (
                "Your complaint is resolved",
                "your complaint about \"{subject}\" is resolved.\n\nWhat was done: {resolution}\n\n{note}",
            ),
        ),
        Happening::Closed => (
            (
                "您的投诉已关闭",
                "您关于“{subject}”的投诉已关闭。\n\n处理结果：{resolution}\n\n{note}\n\n请评价我们的服务态度和处理结果：{rating_link}",
            ),
            (
                "Your complaint is closed",
                "your complaint about \"{subject}\" is closed.\n\nWhat was done: {resolution}\n\n{note}\n\nHow were you treated, and what do you think of the result? {rating_link}",
            ),
        ),
        Happening::Reopened => (
            ("您的投诉已重新处理", "我们已重新处理您关于“{subject}”的投诉。\n\n{note}"),
            (
                "Your complaint was taken up again",
                "we have taken up your complaint about \"{subject}\" again.\n\n{note}",
            ),
        ),
        Happening::Withdrawn => (
            ("您的投诉已撤回", "您关于“{subject}”的投诉已按您的意愿撤回。\n\n{note}"),
            (
                "Your complaint was taken back",
                "your complaint about \"{subject}\" was taken back, as you wished.\n\n{note}",
            ),
        ),
        Happening::Rejected => (
            ("关于您的投诉", "我们无法受理您关于“{subject}”的投诉。\n\n{note}"),
            ("About your complaint", "we cannot take up your complaint about \"{subject}\".\n\n{note}"),
        ),
        Happening::Accepted
        | Happening::Resumed
        | Happening::FollowedUp
        | Happening::Contained
        | Happening::CustomerWrote
        | Happening::Linked
        | Happening::Amended => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::messages::Values;

    #[test]
    fn whatever_is_told_is_shipped_in_both_languages_and_as_a_template_must_be() {
        for step in Happening::ALL {
            for language in LANGUAGES {
                let template = shipped(*step, language);
                assert_eq!(template.is_some(), STEPS.contains(step), "{step} {language}");
                let Some(template) = template else { continue };
                Template::parse(*step, &template.subject, &template.body).expect("as people would have to write it");
                let values = Values { number: "CP-1", subject: "Line down", ..Values::default() };
                let message = template.fill(values);
                assert!(message.subject.starts_with("[CP-1] ") && message.body.contains("Line down"));
                assert_eq!(message.asks_for_rating, *step == Happening::Closed);
            }
        }
        assert_eq!(shipped(Happening::Opened, "pt"), None);
    }
}
