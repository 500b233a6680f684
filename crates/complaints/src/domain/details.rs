use complaints_contract::{Channel, ComplaintPatch};
use problem::FieldError;
use registry_contract::ContactId;

use super::{Faults, Marks, Severity};

pub const DEFAULT_LANGUAGE: &str = "zh-CN";

/// What can be corrected about a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub contact_id: Option<ContactId>,
    pub channel: Channel,
    pub subject: String,
    pub description: Option<String>,
    pub product: Option<String>,
    pub order_number: Option<String>,
    pub issue: Option<String>,
    pub remedy_sought: Option<String>,
    pub severity: Severity,
    pub safety: bool,
    pub language: String,
    pub handler: Option<String>,
    /// Whom of our people it is about.
    pub about_staff: Option<String>,
}

impl Details {
    /// As the patch leaves them; names every wrong field at once.
    pub fn amended(&self, patch: &ComplaintPatch) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let mut text = |pointer, text: &Option<Option<String>>, old: &Option<String>, longest| match text {
            Some(new) => faults.some_text(pointer, new.as_deref(), longest),
            None => old.clone(),
        };
        let description = text("/description", &patch.description, &self.description, 20_000);
        let product = text("/product", &patch.product, &self.product, 200);
        let order_number = text("/order_number", &patch.order_number, &self.order_number, 100);
        let issue = text("/issue", &patch.issue, &self.issue, 200);
        let remedy_sought = text("/remedy_sought", &patch.remedy_sought, &self.remedy_sought, 2_000);
        let handler = text("/handler", &patch.handler, &self.handler, 100);
        let about_staff = text("/about_staff", &patch.about_staff, &self.about_staff, 100);
        let amended = Self {
            contact_id: patch.contact_id.unwrap_or(self.contact_id),
            channel: patch.channel.unwrap_or(self.channel),
            subject: match &patch.subject {
                Some(subject) => faults.text("/subject", subject, 200),
                None => self.subject.clone(),
            },
            description,
            product,
            order_number,
            issue,
            remedy_sought,
            severity: patch.severity.map_or(self.severity, |number| faults.severity("/severity", number)),
            safety: patch.safety.unwrap_or(self.safety),
            language: match &patch.language {
                Some(tag) => faults.language("/language", tag),
                None => self.language.clone(),
            },
            handler,
            about_staff,
        };
        faults.none_or(amended)
    }

    /// Without what names somebody in the words that people wrote.
    #[must_use]
    pub fn without(self, marks: &Marks) -> Self {
        let some = |text: Option<String>| text.map(|text| marks.left_of(&text));
        Self {
            subject: marks.left_of(&self.subject),
            description: some(self.description),
            remedy_sought: some(self.remedy_sought),
            ..self
        }
    }

    /// Names of the fields in which the two differ.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let Self {
            contact_id,
            channel,
            subject,
            description,
            product,
            order_number,
            issue,
            remedy_sought,
            severity,
            safety,
            language,
            handler,
            about_staff,
        } = self;
        let fields = [
            ("contact_id", *contact_id == other.contact_id),
            ("channel", *channel == other.channel),
            ("subject", *subject == other.subject),
            ("description", *description == other.description),
            ("product", *product == other.product),
            ("order_number", *order_number == other.order_number),
            ("issue", *issue == other.issue),
            ("remedy_sought", *remedy_sought == other.remedy_sought),
            ("severity", *severity == other.severity),
            ("safety", *safety == other.safety),
            ("language", *language == other.language),
            ("handler", *handler == other.handler),
            ("about_staff", *about_staff == other.about_staff),
        ];
        fields.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}
