use registry_contract::{ProfileSection, ProfileState, ReviewDecision};

/// How many different people, none of them an author, must approve a version of the section.
pub fn reviewers(section: ProfileSection) -> usize {
    use ProfileSection as S;
    match section {
        S::StrategyAndPainPoints | S::FinancialAnalysis => 2,
        S::MacroEnvironment | S::IndustryDynamics | S::Competition | S::OrganisationAndPurchasing | S::SwotSummary => 1,
    }
}

/// Why a version cannot be edited, submitted or decided on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefused {
    #[error("the version is {0}: {hint}", hint = hint(*.0))]
    State(ProfileState),
    #[error("nobody reviews what he wrote; ask somebody else")]
    OwnWork,
    #[error("a review is a person's: sign in instead of using a key")]
    NotAPerson,
    #[error("you approved this already; it waits for somebody else")]
    Twice,
    #[error("it was submitted anew since you read it; read it again")]
    Outdated,
}

fn hint(state: ProfileState) -> &'static str {
    match state {
        ProfileState::Draft => "submit it first",
        ProfileState::InReview => "wait for its reviewers",
        ProfileState::ChangesRequested => "edit it first",
        ProfileState::Approved | ProfileState::Superseded => "edit the section, which begins its next version",
    }
}

/// One version on its way to being relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    pub section: ProfileSection,
    pub state: ProfileState,
    /// How often it was submitted.
    pub round: i64,
    /// Everyone who wrote in this version.
    pub authors: Vec<String>,
    /// Who approved it in this round.
    pub approvals: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Edit,
    Submit,
    /// The approval is not yet the last that is needed.
    ApproveFirst,
    ApproveLast,
    RequestChanges,
}

impl Workflow {
    /// # Errors
    /// When the version is not being written.
    pub fn edit(&mut self, author: &str) -> Result<(), ReviewRefused> {
        self.go(Step::Edit)?;
        if !self.authors.iter().any(|known| known == author) {
            self.authors.push(author.to_owned());
        }
        Ok(())
    }

    /// Begins the next round; approvals of earlier rounds were of another text.
    ///
    /// # Errors
    /// When the version is no draft.
    pub fn submit(&mut self) -> Result<(), ReviewRefused> {
        self.go(Step::Submit)?;
        self.round += 1;
        self.approvals.clear();
        Ok(())
    }

    /// # Errors
    /// When the version does not wait for a review in this round, or not for this reviewer's.
    pub fn review(&mut self, reviewer: &str, round: i64, decision: ReviewDecision) -> Result<(), ReviewRefused> {
        if !reviewer.starts_with("user:") {
            return Err(ReviewRefused::NotAPerson);
        }
        if self.state != ProfileState::InReview {
            return Err(ReviewRefused::State(self.state));
        }
        if self.authors.iter().any(|author| author == reviewer) {
            return Err(ReviewRefused::OwnWork);
        }
        if round != self.round {
            return Err(ReviewRefused::Outdated);
        }
        match decision {
            ReviewDecision::RequestChanges => self.go(Step::RequestChanges),
            ReviewDecision::Approve if self.approvals.iter().any(|known| known == reviewer) => {
                Err(ReviewRefused::Twice)
            }
            ReviewDecision::Approve => {
                let is_last = self.approvals.len() + 1 >= reviewers(self.section);
                self.go(if is_last { Step::ApproveLast } else { Step::ApproveFirst })?;
                self.approvals.push(reviewer.to_owned());
                Ok(())
            }
        }
    }

    fn go(&mut self, step: Step) -> Result<(), ReviewRefused> {
        self.state = next(self.state, step).ok_or(ReviewRefused::State(self.state))?;
        Ok(())
    }
}

/// Where a step leads, or nothing where it is not allowed.
fn next(state: ProfileState, step: Step) -> Option<ProfileState> {
    use ProfileState as S;
    match (state, step) {
        (S::Draft | S::ChangesRequested, Step::Edit) => Some(S::Draft),
        (S::Draft, Step::Submit) => Some(S::InReview),
        (S::InReview, Step::ApproveFirst) => Some(S::InReview),
        (S::InReview, Step::ApproveLast) => Some(S::Approved),
        (S::InReview, Step::RequestChanges) => Some(S::ChangesRequested),

        (S::Draft, Step::ApproveFirst | Step::ApproveLast | Step::RequestChanges)
        | (S::InReview, Step::Edit | Step::Submit)
        | (S::ChangesRequested, Step::Submit | Step::ApproveFirst | Step::ApproveLast | Step::RequestChanges)
        | (
            S::Approved | S::Superseded,
            Step::Edit | Step::Submit | Step::ApproveFirst | Step::ApproveLast | Step::RequestChanges,
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const STRATEGY: ProfileSection = ProfileSection::StrategyAndPainPoints;

    fn begun(section: ProfileSection, author: &str) -> Workflow {
        let authors = vec![author.to_owned()];
        Workflow { section, state: ProfileState::Draft, round: 0, authors, approvals: vec![] }
    }

    fn submitted(section: ProfileSection) -> Workflow {
        let mut version = begun(section, "user:a");
        version.submit().expect("a draft");
        version
    }

    #[test]
    fn strategy_and_finance_need_two_others_the_rest_one() {
        for section in ProfileSection::ALL.iter().copied() {
            let two = matches!(section, STRATEGY | ProfileSection::FinancialAnalysis);
            let mut version = submitted(section);
            version.review("user:b", 1, ReviewDecision::Approve).expect("another");
            let expected = if two { ProfileState::InReview } else { ProfileState::Approved };
            assert_eq!(version.state, expected, "{section}");
        }
    }

    #[test]
    fn reviews_that_do_not_count() {
        let mut version = submitted(STRATEGY);
        let approve = ReviewDecision::Approve;
        assert_eq!(version.review("user:a", 1, approve), Err(ReviewRefused::OwnWork));
        assert_eq!(version.review("key:b", 1, approve), Err(ReviewRefused::NotAPerson));
        assert_eq!(version.review("user:b", 2, approve), Err(ReviewRefused::Outdated));
        assert_eq!(version.review("user:b", 1, approve), Ok(()));
        assert_eq!(version.review("user:b", 1, approve), Err(ReviewRefused::Twice));
        assert_eq!(version.edit("user:a"), Err(ReviewRefused::State(ProfileState::InReview)));
        assert_eq!(version.review("user:b", 1, ReviewDecision::RequestChanges), Ok(()), "minds may change");
        assert_eq!(version.submit(), Err(ReviewRefused::State(ProfileState::ChangesRequested)));
        version.edit("user:c").expect("sent back");
        version.submit().expect("a draft");
        assert_eq!((version.round, version.approvals.len()), (2, 0));
        assert_eq!(version.review("user:c", 2, approve), Err(ReviewRefused::OwnWork), "he wrote in it meanwhile");
    }

    #[derive(Debug, Clone)]
    enum Deed {
        Edit,
        Submit,
        Review(i64, ReviewDecision),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        prop_oneof![
            Just(Deed::Edit),
            Just(Deed::Submit),
            (1..4i64).prop_map(|round| Deed::Review(round, ReviewDecision::Approve)),
            (1..4i64).prop_map(|round| Deed::Review(round, ReviewDecision::RequestChanges)),
        ]
    }

    proptest! {
        #[test]
        fn no_sequence_of_acts_approves_without_enough_others(
            section in prop::sample::select(ProfileSection::ALL),
            deeds in prop::collection::vec(("user:[a-d]|key:[ab]", deed()), 0..40),
        ) {
            let mut version = begun(section, "user:a");
            // Kept beside the workflow, by what was answered alone.
            let (mut wrote, mut approved) = (BTreeSet::from(["user:a".to_owned()]), BTreeSet::new());
            for (who, deed) in deeds {
                let before = version.clone();
                let done = match deed {
                    Deed::Edit => version.edit(&who).map(|()| { wrote.insert(who); }),
                    Deed::Submit => version.submit().map(|()| approved.clear()),
                    Deed::Review(round, decision) => version.review(&who, round, decision).map(|()| match decision {
                        ReviewDecision::Approve => { approved.insert(who); }
                        ReviewDecision::RequestChanges => {}
                    }),
                };
                if done.is_err() {
                    prop_assert_eq!(&version, &before, "a refusal changes nothing");
                }
                if before.state == ProfileState::Approved {
                    prop_assert!(done.is_err(), "an approved version stays as it is");
                }
                if version.state == ProfileState::Approved {
                    prop_assert!(approved.len() >= reviewers(section));
                    prop_assert!(approved.is_disjoint(&wrote));
                    prop_assert!(approved.iter().all(|who| who.starts_with("user:")));
                }
            }
        }
    }
}
