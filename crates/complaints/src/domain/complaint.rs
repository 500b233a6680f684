use chrono::{DateTime, Utc};
use complaints_contract::v1::{
    ComplaintFact, CorrectiveActionFact, ExecutiveContactProposed, FollowUpFact, FollowUpState,
};
use complaints_contract::{ComplaintId, Confidential, CorrectiveAction, Escalation, Happening, State, Transition};
use registry_contract::{CustomerId, Tier};
use wire::ExternalId;

use super::intake::in_order;
use super::sla::Rank;
use super::{Authority, Clocks, Course, Details, Draft, Entry, Forgotten, Intake, Marks, Refused, Severity, Timeline};

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
    /// What the customer wrote or said.
    pub from_customer: Option<String>,
}

/// What an assessment may change; as it was where absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    pub severity: Option<Severity>,
    pub safety: Option<bool>,
    pub handler: Option<String>,
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
    /// Whether the customer is to be asked again, once it is closed.
    pub follow_up: Option<FollowUp>,
    pub intake: Intake,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A contact that is owed after closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowUp {
    pub due_at: DateTime<Utc>,
    /// The complaint was taken up again: it is owed no more.
    pub cancelled: bool,
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
        let external_id = draft.external_id.clone();
        let (created_at, updated_at) = (now, now);
        let mut complaint = Self {
            id,
            number,
            customer,
            external_id,
            details,
            timeline,
            clocks: Clocks::default(),
            resolution: None,
            follow_up: None,
            intake: draft.intake(),
            created_at,
            updated_at,
        };
        let mut entries = vec![first];
        if let Some(course) = &draft.course {
            complaint.resolution.clone_from(&course.resolution);
            complaint.clocks.verdict = course.timely;
            complaint.follow(course, draft.as_of, &mut entries);
        }
        (complaint, entries)
    }

    /// # Errors
    /// Where its state, or `who`, does not allow it.
    pub fn move_on(
        &mut self,
        who: &Authority,
        transition: Transition,
        words: Words,
        now: DateTime<Utc>,
    ) -> Result<Entry, Refused> {
        who.check(&self.timeline, transition)?;
        let entry = self.timeline.move_on(transition, now)?;
        if words.note_to_customer.is_some() {
            self.timeline.tell(entry.at);
        }
        if transition == Transition::Reopen {
            self.resolution = None;
        }
        self.touch(now);
        let Words { note_to_customer, reason, from_customer } = words;
        Ok(Entry { note_to_customer, reason, from_customer, ..entry })
    }

    pub fn assess(
        &mut self,
        who: &Authority,
        judgement: Judgement,
        words: Words,
        now: DateTime<Utc>,
    ) -> Result<Entry, Refused> {
        let entry = self.move_on(who, Transition::Assess, words, now)?;
        Ok(self.judge(judgement, entry))
    }

    pub fn investigate(
        &mut self,
        who: &Authority,
        handler: Option<String>,
        words: Words,
        now: DateTime<Utc>,
    ) -> Result<Entry, Refused> {
        let entry = self.move_on(who, Transition::Investigate, words, now)?;
        Ok(self.judge(Judgement { handler, ..Judgement::default() }, entry))
    }

    fn judge(&mut self, judgement: Judgement, entry: Entry) -> Entry {
        let before = self.details.clone();
        self.details.severity = judgement.severity.unwrap_or(before.severity);
        self.details.safety = judgement.safety.unwrap_or(before.safety);
        self.details.handler = judgement.handler.or_else(|| before.handler.clone());
        Entry { fields: self.details.differences(&before), ..entry }
    }

    pub fn resolve(
        &mut self,
        who: &Authority,
        resolution: String,
        words: Words,
        now: DateTime<Utc>,
    ) -> Result<Entry, Refused> {
        let entry = self.move_on(who, Transition::Resolve, words, now)?;
        self.resolution = Some(resolution.clone());
        Ok(Entry { resolution: Some(resolution), ..entry })
    }

    /// Notes what the customer wrote or said, which ends a wait for it.
    pub fn hear(&mut self, who: &Authority, message: String, now: DateTime<Utc>) -> Result<Vec<Entry>, Refused> {
        let words = Words { from_customer: Some(message), ..Words::default() };
        let mut entries = vec![self.move_on(who, Transition::Hear, words, now)?];
        if self.timeline.wait.is_some() {
            entries.push(self.move_on(&Authority::House, Transition::Resume, Words::default(), now)?);
        }
        Ok(entries)
    }

    /// Corrects details; nothing when they are as they were.
    pub fn amend(
        &mut self,
        details: Details,
        confidential: Option<&[Confidential]>,
        now: DateTime<Utc>,
    ) -> Option<Entry> {
        let mut fields = details.differences(&self.details);
        self.details = details;
        let confidential = confidential.map(in_order).filter(|parts| *parts != self.intake.confidential);
        if let Some(parts) = confidential {
            self.intake.confidential = parts;
            fields.push("confidential");
        }
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
            self.touch(now);
            return Some(Entry { fields, ..self.timeline.note(Happening::Linked, now) });
        }
        self.note_fields(fields, now)
    }

    /// Takes over the customer's tier, after it was served as of tier `before`. Once the work is done, its measure stays
    /// what it was.
    pub fn retier(&mut self, before: Option<Tier>, tier: Tier, now: DateTime<Utc>) -> Option<Entry> {
        self.customer.tier = Some(tier);
        // Someone not known yet is served as the general tier is.
        if !self.timeline.state.is_open() || before.unwrap_or(Tier::C) == tier {
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

    /// Brings it up to date with what its source reports: what is not given stays as it is, and so does everything where
    /// the source has reported a later state of things before. Who complained stays forgotten, whoever still knows.
    pub fn catch_up(&mut self, draft: &Draft, named: Option<Customer>, now: DateTime<Utc>) -> Vec<Entry> {
        if draft.is_overtaken(&self.intake) {
            return vec![];
        }
        let own = &self.details.subject;
        let anonymous = self.intake.erased_at.map(|at| draft.clone().of_erased(at).in_words_of(own));
        let draft = anonymous.as_ref().unwrap_or(draft);
        let mut entries = Vec::new();
        entries.extend(named.and_then(|named| self.set_customer(self.renamed(named), now)));
        let details = draft.details_over(&self.details);
        let mut fields = details.differences(&self.details);
        self.details = details;
        let intake = draft.intake_over(&self.intake);
        fields.extend((intake.reported_by != self.intake.reported_by).then_some("reported_by"));
        fields.extend((intake.complainant != self.intake.complainant).then_some("complainant"));
        fields.extend((intake.confidential != self.intake.confidential).then_some("confidential"));
        self.intake = intake;
        if let Some(course) = &draft.course {
            if course.resolution.is_some() && course.resolution != self.resolution {
                self.resolution.clone_from(&course.resolution);
                fields.push("resolution");
            }
            if course.timely.is_some() && course.timely != self.clocks.verdict {
                self.clocks.verdict = course.timely;
                fields.push("timely");
            }
            self.follow(course, draft.as_of, &mut entries);
        }
        entries.extend(self.note_fields(fields, now));
        if !entries.is_empty() {
            self.touch(now);
        }
        entries
    }

    /// Forgets who complained, for good, since that contact was erased at an instant; what people wrote stays without what
    /// names him in it. Gives by what he was named, and the entry for the history; nothing where he is forgotten already.
    /// `else_named` is by what another names him.
    pub fn forget_complainant(
        &mut self,
        else_named: &Marks,
        erased_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<(Forgotten, Entry)> {
        if self.intake.erased_at.is_some() {
            return None;
        }
        let marks = self.intake.complainant.take().as_ref().map_or_else(|| else_named.clone(), Marks::of);
        self.intake.erased_at = Some(erased_at);
        let details = self.details.clone().without(&marks);
        let resolution = self.resolution.as_deref().map(|text| marks.left_of(text));
        let mut fields = vec!["complainant"];
        fields.extend(details.differences(&self.details));
        fields.extend((resolution != self.resolution).then_some("resolution"));
        (self.details, self.resolution) = (details, resolution);
        let entry = self.note_fields(fields, now)?;
        Some((Forgotten { complaint: self.id, number: self.number.clone(), marks }, entry))
    }

    /// Takes the steps to where the source has it as of an instant. Those without a date were taken by then at the latest, and
    /// where a dated one follows, as soon as could be.
    fn follow(&mut self, course: &Course, as_of: Option<DateTime<Utc>>, entries: &mut Vec<Entry>) {
        let steps: Vec<_> = course.steps(&self.timeline).collect();
        let dated = steps.iter().rposition(|(_, at)| at.is_some()).map_or(0, |last| last + 1);
        for (place, (transition, at)) in steps.into_iter().enumerate() {
            let at = at.or(as_of.filter(|_| place >= dated)).unwrap_or(self.timeline.moved_at);
            // The path consists of allowed transitions only (tested where it is written down).
            entries.extend(self.timeline.move_on(transition, at).ok());
        }
    }

    fn note_fields(&mut self, fields: Vec<&'static str>, now: DateTime<Utc>) -> Option<Entry> {
        if fields.is_empty() {
            return None;
        }
        self.touch(now);
        Some(Entry { fields, ..self.timeline.note(Happening::Amended, now) })
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.updated_at = self.updated_at.max(now);
    }

    /// By what it is promised.
    #[must_use]
    pub fn rank(&self) -> Rank {
        Rank { tier: self.customer.tier, severity: self.details.severity, kind: self.details.issue.clone() }
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
            contained_at: self.timeline.contained_at,
            accepted_at: self.timeline.accepted_at,
            restricted: self.details.about_staff.is_some(),
            in_time: self.clocks.in_time(&self.timeline),
        }
    }

    /// The contact that is owed after closing, as the others are told of it; one that is owed no more is told so once. To
    /// somebody who was erased nothing is owed.
    pub fn follow_up_news(&mut self) -> Option<FollowUpFact> {
        let owed = self.follow_up.as_mut().filter(|follow_up| !follow_up.cancelled)?;
        owed.cancelled = match self.timeline.state {
            State::Closed => self.intake.erased_at.is_some(),
            state => state != State::FollowedUp,
        };
        self.follow_up_fact()
    }

    /// The same, as it stands.
    #[must_use]
    pub fn follow_up_fact(&self) -> Option<FollowUpFact> {
        let FollowUp { due_at, cancelled } = self.follow_up?;
        let state = match self.timeline.state {
            _ if cancelled => FollowUpState::Cancelled,
            State::Closed => FollowUpState::Due,
            _ => FollowUpState::Done,
        };
        Some(FollowUpFact {
            complaint_id: self.id,
            number: self.number.clone(),
            customer_id: self.customer.id,
            contact_id: self.details.contact_id,
            sequence: self.timeline.version,
            state,
            owner: self.details.handler.clone(),
            closed_at: self.timeline.closed_at.unwrap_or(due_at),
            due_at,
            restricted: self.details.about_staff.is_some(),
        })
    }

    /// The executive contact that a step proposed, as the others are told of it.
    #[must_use]
    pub fn executive_contact(&self, escalation: &Escalation) -> Option<ExecutiveContactProposed> {
        let customer_id = self.customer.id?;
        escalation.executive_contact_proposed.then(|| ExecutiveContactProposed {
            escalation_id: escalation.id,
            complaint_id: self.id,
            number: self.number.clone(),
            customer_id,
            tier: self.customer.tier,
            severity: self.details.severity.get(),
            proposed_at: escalation.fired_at,
            sequence: self.timeline.version,
            restricted: self.details.about_staff.is_some(),
        })
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
            restricted: self.details.about_staff.is_some(),
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
            follow_up,
            intake,
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
            order_number: details.order_number,
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
            contained_at: timeline.contained_at,
            told_at: timeline.told_at,
            accepted_at: timeline.accepted_at,
            waiting_since: timeline.wait.map(|wait| wait.since),
            reopened_count: timeline.reopened_count,
            due: clocks.due,
            next_due: clocks.next.map(|next| next.at),
            next_clock: clocks.next.map(|next| next.clock),
            timely,
            resolution,
            follow_up_due_at: follow_up.filter(|follow_up| !follow_up.cancelled).map(|follow_up| follow_up.due_at),
            handler: details.handler,
            reported_by: intake.reported_by,
            complainant: intake.complainant,
            complainant_erased_at: intake.erased_at,
            about_staff: details.about_staff,
            confidential: intake.confidential,
            version: timeline.version,
            created_at,
            updated_at,
        }
    }
}
