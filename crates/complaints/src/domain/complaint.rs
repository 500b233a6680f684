use chrono::{DateTime, Utc};
use complaints_contract::v1::{ComplaintFact, CorrectiveActionFact};
use complaints_contract::{ComplaintId, CorrectiveAction, Happening, Transition};
use registry_contract::{CustomerId, Tier};
use wire::ExternalId;

use super::{Clocks, Course, Details, Draft, Entry, NotAllowed, Severity, Timeline, due};

/// Whom a complaint is from, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    pub id: Option<CustomerId>,
    /// How the source names it.
    pub external: Option<ExternalId>,
    /// None until the registry has told of this customer.
    pub tier: Option<Tier>,
}

/// What is said with a transition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub note_to_customer: Option<String>,
    pub reason: Option<String>,
}

/// A complaint: every method that changes it gives the entries for its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub id: ComplaintId,
    pub number: String,
    pub customer: Customer,
    pub external_id: Option<ExternalId>,
    pub details: Details,
    pub timeline: Timeline,
    pub clocks: Clocks,
    pub resolution: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Complaint {
    #[must_use]
    pub fn register(
        id: ComplaintId,
        number: String,
        customer: Customer,
        draft: &Draft,
        now: DateTime<Utc>,
    ) -> (Self, Vec<Entry>) {
        let (timeline, first) = Timeline::open(draft.reached_us(now));
        let details = draft.details();
        let clocks = Clocks { due: due(timeline.received_at, customer.tier, details.severity), verdict: None };
        let external_id = draft.external_id.clone();
        let (created_at, updated_at) = (now, now);
        let mut complaint = Self {
            id,
            number,
            customer,
            external_id,
            details,
            timeline,
            clocks,
            resolution: None,
            created_at,
            updated_at,
        };
        let mut entries = vec![first];
        if let Some(course) = &draft.course {
            complaint.resolution.clone_from(&course.resolution);
            complaint.clocks.verdict = course.timely;
            complaint.follow(course, &mut entries);
        }
        (complaint, entries)
    }

    pub fn move_on(&mut self, transition: Transition, words: Words, now: DateTime<Utc>) -> Result<Entry, NotAllowed> {
        let entry = self.timeline.move_on(transition, now)?;
        if transition == Transition::Reopen {
            self.resolution = None;
        }
        self.touch(now);
        Ok(Entry { note_to_customer: words.note_to_customer, reason: words.reason, ..entry })
    }

    pub fn assess(
        &mut self,
        severity: Option<Severity>,
        safety: Option<bool>,
        handler: Option<String>,
        words: Words,
        now: DateTime<Utc>,
    ) -> Result<Entry, NotAllowed> {
        let entry = self.move_on(Transition::Assess, words, now)?;
        let before = self.details.clone();
        self.details.severity = severity.unwrap_or(before.severity);
        self.details.safety = safety.unwrap_or(before.safety);
        self.details.handler = handler.or_else(|| before.handler.clone());
        self.reckon();
        Ok(Entry { fields: self.details.differences(&before), ..entry })
    }

    pub fn resolve(&mut self, resolution: String, words: Words, now: DateTime<Utc>) -> Result<Entry, NotAllowed> {
        let entry = self.move_on(Transition::Resolve, words, now)?;
        self.resolution = Some(resolution.clone());
        Ok(Entry { resolution: Some(resolution), ..entry })
    }

    /// Corrects details; nothing when they are as they were.
    pub fn amend(&mut self, details: Details, now: DateTime<Utc>) -> Option<Entry> {
        let fields = details.differences(&self.details);
        self.details = details;
        self.note_fields(fields, now)
    }

    /// Sets whom it is from: a link where nobody was known, a correction where it was someone else.
    pub fn set_customer(&mut self, customer: Customer, now: DateTime<Utc>) -> Option<Entry> {
        let known_before = self.customer.id.is_some();
        let mut fields = vec![];
        if customer.id != self.customer.id {
            fields.push("customer_id");
        }
        if customer.external != self.customer.external {
            fields.push("customer_external");
        }
        let linked = !known_before && customer.id.is_some();
        self.customer = customer;
        if linked {
            self.reckon();
            self.touch(now);
            return Some(Entry { fields, ..self.timeline.note(Happening::Linked, now) });
        }
        self.note_fields(fields, now)
    }

    /// Takes over the customer's tier. Once the work is done, its measure stays what it was.
    pub fn retier(&mut self, tier: Tier, now: DateTime<Utc>) -> Option<Entry> {
        self.customer.tier = Some(tier);
        let due = due(self.timeline.received_at, self.customer.tier, self.details.severity);
        if !self.timeline.state.is_open() || due == self.clocks.due {
            return None;
        }
        self.note_fields(vec!["due"], now)
    }

    /// Whom it is from after someone has named `named`. What a person has settled about a source's name for the customer
    /// is not undone by the source naming it so again.
    #[must_use]
    pub fn renamed(&self, named: Customer) -> Customer {
        match &named.external {
            None => Customer { external: self.customer.external.clone(), ..named },
            Some(_) if named.external == self.customer.external && self.customer.id.is_some() => self.customer.clone(),
            Some(_) => named,
        }
    }

    /// Brings it up to date with what its source reports: what is not given stays as it is.
    pub fn catch_up(&mut self, draft: &Draft, named: Option<Customer>, now: DateTime<Utc>) -> Vec<Entry> {
        let mut entries = Vec::new();
        entries.extend(named.and_then(|named| self.set_customer(self.renamed(named), now)));
        let details = draft.details_over(&self.details);
        let mut fields = details.differences(&self.details);
        self.details = details;
        if let Some(course) = &draft.course {
            if course.resolution.is_some() && course.resolution != self.resolution {
                self.resolution.clone_from(&course.resolution);
                fields.push("resolution");
            }
            if course.timely.is_some() && course.timely != self.clocks.verdict {
                self.clocks.verdict = course.timely;
                fields.push("timely");
            }
            self.follow(course, &mut entries);
        }
        entries.extend(self.note_fields(fields, now));
        if !entries.is_empty() {
            self.touch(now);
        }
        entries
    }

    fn follow(&mut self, course: &Course, entries: &mut Vec<Entry>) {
        let steps: Vec<_> = course.steps(&self.timeline).collect();
        for (transition, at) in steps {
            let at = at.unwrap_or(self.timeline.moved_at);
            // The path consists of allowed transitions only (tested where it is written down).
            entries.extend(self.timeline.move_on(transition, at).ok());
        }
    }

    fn note_fields(&mut self, fields: Vec<&'static str>, now: DateTime<Utc>) -> Option<Entry> {
        if fields.is_empty() {
            return None;
        }
        self.reckon();
        self.touch(now);
        Some(Entry { fields, ..self.timeline.note(Happening::Amended, now) })
    }

    fn reckon(&mut self) {
        self.clocks.due = due(self.timeline.received_at, self.customer.tier, self.details.severity);
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.updated_at = self.updated_at.max(now);
    }

    #[must_use]
    pub fn fact(&self) -> ComplaintFact {
        let Timeline { state, received_at, acknowledged_at, first_responded_at, .. } = self.timeline;
        ComplaintFact {
            complaint_id: self.id,
            number: self.number.clone(),
            customer_id: self.customer.id,
            sequence: self.timeline.version,
            state,
            severity: self.details.severity.get(),
            safety: self.details.safety,
            channel: self.details.channel,
            received_at,
            acknowledged_at,
            first_responded_at,
            resolved_at: self.timeline.resolved_at,
            closed_at: self.timeline.closed_at,
            reopened_count: self.timeline.reopened_count,
            in_time: self.clocks.in_time(&self.timeline),
        }
    }

    /// What the others are told of an action against one of its causes.
    #[must_use]
    pub fn action_fact(&self, action: &CorrectiveAction) -> CorrectiveActionFact {
        CorrectiveActionFact {
            action_id: action.id,
            complaint_id: self.id,
            customer_id: self.customer.id,
            sequence: action.version,
            kind: action.kind,
            owner: action.owner.clone(),
            due: action.due,
            state: action.state,
        }
    }
}

impl From<Complaint> for complaints_contract::Complaint {
    fn from(complaint: Complaint) -> Self {
        let timely = complaint.clocks.timely(&complaint.timeline);
        let Complaint {
            id,
            number,
            customer,
            external_id,
            details,
            timeline,
            clocks,
            resolution,
            created_at,
            updated_at,
        } = complaint;
        Self {
            id,
            number,
            customer_id: customer.id,
            customer_external: customer.external,
            customer_known: customer.tier.is_some(),
            contact_id: details.contact_id,
            channel: details.channel,
            subject: details.subject,
            description: details.description,
            product: details.product,
            issue: details.issue,
            remedy_sought: details.remedy_sought,
            severity: details.severity.get(),
            safety: details.safety,
            language: details.language,
            state: timeline.state,
            external_id,
            received_at: timeline.received_at,
            acknowledged_at: timeline.acknowledged_at,
            first_responded_at: timeline.first_responded_at,
            resolved_at: timeline.resolved_at,
            closed_at: timeline.closed_at,
            reopened_count: timeline.reopened_count,
            due: clocks.due,
            timely,
            resolution,
            handler: details.handler,
            version: timeline.version,
            created_at,
            updated_at,
        }
    }
}
