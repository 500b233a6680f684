use complaints_contract::{Complaint as Shown, ComplaintEntry, Confidential, State, Transition};

use super::{Complaint, Intake, NotAllowed, Refused, Timeline, allowed, next};

/// What a caller may be trusted with, each a permission of the gateway's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// Takes complaints in, and notes what customers say.
    Write,
    /// Moves complaints on.
    Handle,
    /// Decides against or above a handler: rejects, escalates, closes what the customer has not accepted, takes up what
    /// was rejected.
    Lead,
    /// Reads and moves complaints about our own people, other than about himself.
    Restricted,
    /// Says for another system how far it has brought a complaint.
    Source,
}

impl Power {
    const ALL: [Self; 5] = [Self::Write, Self::Handle, Self::Lead, Self::Restricted, Self::Source];

    #[must_use]
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Write => "complaints:write",
            Self::Handle => "complaints:handle",
            Self::Lead => "complaints:lead",
            Self::Restricted => "complaints:restricted",
            Self::Source => "imports:write",
        }
    }
}

/// On whose behalf something is done to a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// The product itself: imports, consumers, the scheduler. May do everything.
    House,
    /// Whoever made the complaint, without a login.
    Complainant,
    /// Someone by this user name.
    Caller { name: String, powers: Vec<Power> },
}

/// Which complaints can be seen, for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    All,
    /// None that is about our people.
    Unrestricted,
    /// All but those about this one.
    NotAbout(String),
}

impl Authority {
    #[must_use]
    pub fn of(name: &str, can: impl Fn(&str) -> bool) -> Self {
        let powers = Power::ALL.into_iter().filter(|power| can(power.permission())).collect();
        Self::Caller { name: name.to_lowercase(), powers }
    }

    fn has(&self, power: Power) -> bool {
        match self {
            Self::House | Self::Complainant => true,
            Self::Caller { powers, .. } => powers.contains(&power),
        }
    }

    #[must_use]
    pub fn sight(&self) -> Sight {
        match self {
            Self::House | Self::Complainant => Sight::All,
            Self::Caller { powers, .. } if !powers.contains(&Power::Restricted) => Sight::Unrestricted,
            Self::Caller { name, .. } => Sight::NotAbout(name.clone()),
        }
    }

    /// Whether this one may say how far a source has brought a complaint: by its steps it would be moved otherwise.
    #[must_use]
    pub fn reports(&self) -> bool {
        self.has(Power::Source) || self.has(Power::Handle)
    }

    /// Whether it exists for this one.
    #[must_use]
    pub fn sees(&self, complaint: &Complaint) -> bool {
        let Some(about) = &complaint.details.about_staff else { return true };
        match self.sight() {
            Sight::All => true,
            Sight::Unrestricted => false,
            Sight::NotAbout(name) => about.to_lowercase() != name,
        }
    }

    #[must_use]
    pub fn reads(&self, intake: &Intake, part: Confidential) -> bool {
        self.has(Power::Handle) || !intake.hides(part)
    }

    /// Whether this one may leave the complaint with these parts confidential: what was, only who handles it makes public.
    #[must_use]
    pub fn marks(&self, intake: &Intake, parts: &[Confidential]) -> bool {
        self.has(Power::Handle) || intake.confidential.iter().all(|part| parts.contains(part))
    }

    /// The complaint without what is confidential to this one.
    #[must_use]
    pub fn shown(&self, complaint: Complaint) -> Shown {
        let intake = complaint.intake.clone();
        let mut shown = Shown::from(complaint);
        if self.has(Power::Handle) {
            return shown;
        }
        for part in intake.confidential {
            match part {
                Confidential::Complainant => shown.complainant = None,
                Confidential::Description => shown.description = None,
                Confidential::RemedySought => shown.remedy_sought = None,
                Confidential::Resolution => shown.resolution = None,
                Confidential::Notes => {}
            }
        }
        shown
    }

    /// The entry without what is confidential to this one.
    #[must_use]
    pub fn shown_entry(&self, intake: &Intake, mut entry: ComplaintEntry) -> ComplaintEntry {
        if self.has(Power::Handle) {
            return entry;
        }
        if intake.hides(Confidential::Notes) {
            entry.note_to_customer = None;
            entry.reason = None;
            entry.from_customer = None;
        }
        if intake.hides(Confidential::Resolution) {
            entry.resolution = None;
        }
        entry
    }

    /// What this one can do.
    #[must_use]
    pub fn choices(&self, timeline: &Timeline) -> Vec<Transition> {
        allowed(timeline.state).filter(|transition| self.may(timeline, *transition)).collect()
    }

    /// Whether the complaint can be moved so, and by this one.
    ///
    /// # Errors
    /// `NotAllowed`, with what would be allowed to this one, before `Forbidden`.
    pub fn check(&self, timeline: &Timeline, transition: Transition) -> Result<(), Refused> {
        if next(timeline.state, transition).is_none() {
            let allowed = self.choices(timeline);
            return Err(NotAllowed { state: timeline.state, transition, allowed }.into());
        }
        if self.may(timeline, transition) {
            Ok(())
        } else {
            Err(Refused::Forbidden { transition, needs: needs(timeline, transition) })
        }
    }

    fn may(&self, timeline: &Timeline, transition: Transition) -> bool {
        let needed = needs(timeline, transition);
        match self {
            Self::House => true,
            Self::Complainant => is_the_complainants(timeline.state, transition),
            Self::Caller { powers, .. } => powers.contains(&needed),
        }
    }
}

/// Who may do it.
fn needs(timeline: &Timeline, transition: Transition) -> Power {
    use Transition as T;
    match transition {
        T::Hear => Power::Write,
        T::Reject | T::Escalate => Power::Lead,
        T::Close if timeline.accepted_at.is_none() => Power::Lead,
        T::Reopen if timeline.state == State::Rejected => Power::Lead,
        T::Acknowledge
        | T::Assess
        | T::Investigate
        | T::Respond
        | T::Accept
        | T::Wait
        | T::Resume
        | T::Resolve
        | T::Close
        | T::FollowUp
        | T::Reopen
        | T::Withdraw
        | T::Contain
        | T::Inform => Power::Handle,
    }
}

/// What whoever complains may do: say more, take our answer or not, take the complaint back. What we have turned down
/// does not come back by a click.
fn is_the_complainants(state: State, transition: Transition) -> bool {
    use Transition as T;
    match transition {
        T::Hear | T::Resume | T::Accept | T::Withdraw => true,
        T::Escalate => state == State::Responded,
        T::Reopen => state != State::Rejected,
        T::Acknowledge
        | T::Assess
        | T::Investigate
        | T::Respond
        | T::Wait
        | T::Resolve
        | T::Close
        | T::FollowUp
        | T::Reject
        | T::Contain
        | T::Inform => false,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn with(permissions: &'static [&'static str]) -> Authority {
        Authority::of("li.wei", move |permission| permissions.contains(&permission))
    }

    fn in_state(state: State) -> Timeline {
        let (timeline, _) = Timeline::open(Utc::now());
        Timeline { state, ..timeline }
    }

    #[test]
    fn each_transition_names_who_may_do_it() {
        let handler = with(&["complaints:write", "complaints:handle"]);
        let lead = with(&["complaints:write", "complaints:handle", "complaints:lead"]);
        let desk = with(&["complaints:write"]);
        for state in State::ALL {
            let timeline = in_state(*state);
            for transition in allowed(*state) {
                assert_eq!(Authority::House.check(&timeline, transition), Ok(()));
                assert_eq!(lead.check(&timeline, transition), Ok(()), "{state} {transition}");
                assert_eq!(desk.check(&timeline, transition).is_ok(), transition == Transition::Hear);
            }
        }
        for (state, transition, needs) in [
            (State::Investigating, Transition::Reject, Some(Power::Lead)),
            (State::Responded, Transition::Escalate, Some(Power::Lead)),
            (State::Resolved, Transition::Close, Some(Power::Lead)),
            (State::Rejected, Transition::Reopen, Some(Power::Lead)),
            (State::Closed, Transition::Reopen, None),
            (State::Received, Transition::Respond, None),
        ] {
            let refused = needs.map(|needs| Refused::Forbidden { transition, needs });
            assert_eq!(handler.check(&in_state(state), transition).err(), refused, "{state} {transition}");
        }
    }

    #[test]
    fn what_the_customer_accepted_a_handler_may_close() {
        let handler = with(&["complaints:handle"]);
        let accepted = Timeline { accepted_at: Some(Utc::now()), ..in_state(State::Resolved) };
        assert_eq!(handler.check(&accepted, Transition::Close), Ok(()));
    }

    #[test]
    fn a_refusal_names_only_what_this_caller_may_do() {
        let refused = |who: &Authority| match who.check(&in_state(State::Resolved), Transition::Respond) {
            Err(Refused::NotAllowed(refused)) => refused.allowed,
            other => panic!("{other:?}"),
        };
        use Transition::{Close, Hear, Inform, Reopen};
        assert_eq!(refused(&Authority::House), [Close, Reopen, Inform, Hear]);
        assert_eq!(refused(&with(&["complaints:handle"])), [Reopen, Inform]);
        assert_eq!(refused(&Authority::Complainant), [Reopen, Hear]);
    }
}
