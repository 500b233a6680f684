/// What the customer is told at once. Names nobody and quotes no more than the subject: it may reach a wrong address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    pub subject: String,
    pub body: String,
}

impl Acknowledgement {
    /// In the customer's language, as far as we speak it: Chinese to whoever speaks any Chinese, else English.
    #[must_use]
    pub fn of(number: &str, subject: &str, language: &str) -> Self {
        let chinese = language.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case("zh"));
        if chinese {
            Self {
                subject: format!("[{number}] 我们已收到您的投诉"),
                body: format!(
                    "您好：\n\n我们已收到您关于“{subject}”的投诉，编号为 {number}。我们会尽快处理并告知您进展。\n\
                     如需补充，请在回复时保留该编号。\n"
                ),
            }
        } else {
            Self {
                subject: format!("[{number}] We have received your complaint"),
                body: format!(
                    "Hello,\n\nwe have received your complaint about \"{subject}\". Its number is {number}. We will look \
                     into it and tell you how it goes.\nTo add anything, reply and keep the number in the subject.\n"
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_complains_is_answered_in_their_language() {
        for (language, expected) in [
            ("zh-CN", "[CP-2026-000001] 我们已收到您的投诉"),
            ("ZH", "[CP-2026-000001] 我们已收到您的投诉"),
            ("en-GB", "[CP-2026-000001] We have received your complaint"),
            ("pt-BR", "[CP-2026-000001] We have received your complaint"),
        ] {
            let acknowledgement = Acknowledgement::of("CP-2026-000001", "Line down", language);
            assert_eq!(acknowledgement.subject, expected);
            assert!(acknowledgement.body.contains("Line down") && acknowledgement.body.contains("CP-2026-000001"));
        }
    }
}
