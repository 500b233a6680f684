use chrono::{DateTime, Utc};
use complaints_contract::{Channel, Complainant, Confidential, NewComplaint, Progress, State, Transition};
use problem::FieldError;
use registry_contract::ContactId;
use wire::{ExternalId, Reference};

use super::intake::{complainant, in_order};
use super::{Details, Faults, Intake, Marks, Severity, Timeline, details::DEFAULT_LANGUAGE, transitions::path};

/// A complaint to register or to bring up to date, every field as it must be, apart from whom it is from. What is `None`
/// was not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub contact_id: Option<ContactId>,
    pub channel: Channel,
    pub subject: String,
    pub description: Option<String>,
    pub product: Option<String>,
    pub order_number: Option<String>,
    pub issue: Option<String>,
    pub remedy_sought: Option<String>,
    pub severity: Option<Severity>,
    pub safety: Option<bool>,
    pub language: Option<String>,
    /// Of the customer: what a new complaint is answered in that says nothing else.
    pub customer_language: Option<String>,
    pub external_id: Option<ExternalId>,
    pub received_at: Option<DateTime<Utc>>,
    pub handler: Option<String>,
    pub about_staff: Option<String>,
    pub reported_by: Option<String>,
    pub complainant: Option<Complainant>,
    /// When the contact that it names was erased, if it was.
    pub erased_at: Option<DateTime<Utc>>,
    /// By what it named whom it may not name.
    pub marks: Marks,
    pub confidential: Option<Vec<Confidential>>,
    pub as_of: Option<DateTime<Utc>>,
    pub course: Option<Course>,
}

/// How far another system has brought a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub state: State,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub first_responded_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub resolution: Option<String>,
    pub timely: Option<bool>,
}

impl Draft {
    /// Names every wrong field at once.
    pub fn parse(new: &NewComplaint, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        check_customer(new, &mut faults);
        let received_at = new.received_at.map(|at| faults.past("/received_at", at, now));
        let draft = Self {
            contact_id: new.contact_id,
            channel: new.channel,
            subject: faults.text("/subject", &new.subject, 200),
            description: faults.some_text("/description", new.description.as_deref(), 20_000),
            product: faults.some_text("/product", new.product.as_deref(), 200),
            order_number: faults.some_text("/order_number", new.order_number.as_deref(), 100),
            issue: faults.some_text("/issue", new.issue.as_deref(), 200),
            remedy_sought: faults.some_text("/remedy_sought", new.remedy_sought.as_deref(), 2_000),
            severity: new.severity.map(|number| faults.severity("/severity", number)),
            safety: new.safety,
            language: new.language.as_deref().map(|tag| faults.language("/language", tag)),
            customer_language: None,
            external_id: new.external_id.as_ref().map(|key| faults.external_id("/external_id", key)),
            received_at,
            handler: faults.some_text("/handler", new.handler.as_deref(), 100),
            about_staff: faults.some_text("/about_staff", new.about_staff.as_deref(), 100),
            reported_by: faults.some_text("/reported_by", new.reported_by.as_deref(), 100),
            complainant: new.complainant.as_ref().and_then(|given| complainant(given, &mut faults)),
            erased_at: None,
            marks: Marks::default(),
            confidential: new.confidential.as_deref().map(in_order),
            as_of: new.as_of.map(|at| faults.past("/as_of", at, now)),
            course: new.progress.as_ref().map(|progress| Course::parse(progress, received_at, now, &mut faults)),
        };
        faults.none_or(draft)
    }

    /// As much of it as may be kept where whoever complains was erased at an instant: not who that is, nor what names him in
    /// the words.
    #[must_use]
    pub fn of_erased(self, erased_at: DateTime<Utc>) -> Self {
        let marks = self.complainant.as_ref().map_or(self.marks, Marks::of);
        let some = |text: Option<String>| text.map(|text| marks.left_of(&text));
        let subject = marks.left_of(&self.subject);
        let (description, remedy_sought) = (some(self.description), some(self.remedy_sought));
        let course = self.course.map(|course| Course { resolution: some(course.resolution), ..course });
        Self {
            subject,
            description,
            remedy_sought,
            course,
            complainant: None,
            erased_at: Some(erased_at),
            marks,
            ..self
        }
    }

    /// The same with the words as they are kept, where nothing in it says by what its words may name somebody.
    #[must_use]
    pub fn in_words_of(self, subject: &str) -> Self {
        if !self.marks.is_empty() {
            return self;
        }
        Self {
            subject: subject.to_owned(),
            description: None,
            remedy_sought: None,
            course: self.course.map(|course| Course { resolution: None, ..course }),
            ..self
        }
    }

    /// When it reached us: as given, else as early as anything is known of it.
    #[must_use]
    pub fn reached_us(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let earliest = || self.course.as_ref().and_then(|course| course.dates().into_iter().flatten().next());
        self.received_at.or_else(earliest).unwrap_or(now)
    }

    /// The details of a complaint that is new.
    #[must_use]
    pub fn details(&self) -> Details {
        Details {
            contact_id: self.contact_id,
            channel: self.channel,
            subject: self.subject.clone(),
            description: self.description.clone(),
            product: self.product.clone(),
            order_number: self.order_number.clone(),
            issue: self.issue.clone(),
            remedy_sought: self.remedy_sought.clone(),
            severity: self.severity.unwrap_or(Severity::Moderate),
            safety: self.safety.unwrap_or(false),
            language: self.spoken().to_owned(),
            handler: self.handler.clone(),
            about_staff: self.about_staff.clone(),
        }
    }

    fn spoken(&self) -> &str {
        self.language.as_deref().or(self.customer_language.as_deref()).unwrap_or(DEFAULT_LANGUAGE)
    }

    #[must_use]
    pub fn intake(&self) -> Intake {
        Intake {
            reported_by: self.reported_by.clone(),
            complainant: self.complainant.clone(),
            confidential: self.confidential.clone().unwrap_or_default(),
            as_of: self.as_of,
            erased_at: self.erased_at,
        }
    }

    /// How a complaint came that is there already: what is not given stays as it is.
    #[must_use]
    pub fn intake_over(&self, old: &Intake) -> Intake {
        Intake {
            reported_by: self.reported_by.as_ref().or(old.reported_by.as_ref()).cloned(),
            complainant: self.complainant.as_ref().or(old.complainant.as_ref()).cloned(),
            // A source adds to what is confidential; only who handles the complaint takes away from it.
            confidential: in_order(&[self.confidential.as_deref().unwrap_or_default(), &old.confidential].concat()),
            as_of: self.as_of.max(old.as_of),
            erased_at: old.erased_at,
        }
    }

    /// Whether its source has reported a later state of things before.
    #[must_use]
    pub fn is_overtaken(&self, intake: &Intake) -> bool {
        matches!((self.as_of, intake.as_of), (Some(now), Some(before)) if now < before)
    }

    /// The details of a complaint that is there already: what is not given stays as it is.
    #[must_use]
    pub fn details_over(&self, old: &Details) -> Details {
        let text = |new: &Option<String>, old: &Option<String>| new.as_ref().or(old.as_ref()).cloned();
        Details {
            contact_id: self.contact_id.or(old.contact_id),
            channel: self.channel,
            subject: self.subject.clone(),
            description: text(&self.description, &old.description),
            product: text(&self.product, &old.product),
            order_number: text(&self.order_number, &old.order_number),
            issue: text(&self.issue, &old.issue),
            remedy_sought: text(&self.remedy_sought, &old.remedy_sought),
            severity: self.severity.unwrap_or(old.severity),
            safety: self.safety.unwrap_or(old.safety),
            language: self.language.as_ref().unwrap_or(&old.language).clone(),
            handler: text(&self.handler, &old.handler),
            about_staff: text(&self.about_staff, &old.about_staff),
        }
    }
}

fn check_customer(new: &NewComplaint, faults: &mut Faults) {
    if let Some(Reference::Code(code)) = &new.customer_id {
        faults.text("/customer_id", code, 64);
    }
    if let Some(key) = &new.customer_external {
        faults.external_id("/customer_external", key);
    }
    if new.customer_id.is_some() && new.customer_external.is_some() {
        faults.add("/customer_external", "one-of", "give either customer_id or customer_external, not both");
    }
}

impl Course {
    fn parse(given: &Progress, received_at: Option<DateTime<Utc>>, now: DateTime<Utc>, faults: &mut Faults) -> Self {
        let mut earliest = received_at;
        let mut date = |name: &str, at: Option<DateTime<Utc>>, reached: bool| {
            let at = at?;
            let pointer = format!("/progress/{name}");
            if !reached {
                faults.add(&pointer, "not-reached", format!("a complaint that is {} has no such date", given.state));
            }
            let at = faults.past(&pointer, at, now);
            if earliest.is_some_and(|earliest| at < earliest) {
                faults.add(&pointer, "out-of-order", "lies before the date of an earlier step");
            }
            earliest = Some(at);
            Some(at)
        };
        use State::{
            Accepted, Acknowledged, Assessed, Closed, Escalated, FollowedUp, Investigating, Resolved, Responded,
            Waiting,
        };
        let closed = matches!(given.state, Closed | FollowedUp);
        let settled = closed || given.state == Resolved;
        let answered = settled || matches!(given.state, Responded | Accepted);
        Self {
            state: given.state,
            acknowledged_at: date(
                "acknowledged_at",
                given.acknowledged_at,
                answered || matches!(given.state, Acknowledged | Assessed | Investigating | Escalated | Waiting),
            ),
            first_responded_at: date("first_responded_at", given.first_responded_at, answered),
            resolved_at: date("resolved_at", given.resolved_at, settled),
            closed_at: date("closed_at", given.closed_at, closed),
            resolution: faults.some_text("/progress/resolution", given.resolution.as_deref(), 2_000),
            timely: given.timely,
        }
    }

    fn dates(&self) -> [Option<DateTime<Utc>>; 4] {
        [self.acknowledged_at, self.first_responded_at, self.resolved_at, self.closed_at]
    }

    /// What brings a complaint from where it stands to where the source has it, and when each step took place, as
    /// far as it says; a response acknowledges where no acknowledgement is dated.
    pub fn steps(&self, timeline: &Timeline) -> impl Iterator<Item = (Transition, Option<DateTime<Utc>>)> {
        let mut path = path(timeline.state, timeline.wait.map(|wait| wait.back), self.state);
        if self.acknowledged_at.is_none() && path.starts_with(&[Transition::Acknowledge, Transition::Respond]) {
            path.remove(0);
        }
        path.into_iter().map(|transition| {
            let at = match transition {
                Transition::Acknowledge => self.acknowledged_at,
                Transition::Respond => self.first_responded_at,
                Transition::Resolve => self.resolved_at,
                Transition::Close => self.closed_at,
                Transition::Assess
                | Transition::Investigate
                | Transition::Accept
                | Transition::Escalate
                | Transition::Wait
                | Transition::Resume
                | Transition::FollowUp
                | Transition::Reopen
                | Transition::Withdraw
                | Transition::Reject
                | Transition::Contain
                | Transition::Inform
                | Transition::Hear => None,
            };
            (transition, at)
        })
    }
}
