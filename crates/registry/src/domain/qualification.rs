use std::collections::{HashMap, HashSet};

use registry_contract::{
    AnswerChoice, Contribution, Criterion, NewQualificationPolicy, QualificationAnswer, QualificationDecision,
    QualificationOutcome, QualificationResult,
};

use super::faults::Faults;
use super::shape;

/// Hundredths of a point that a perfect prospect has.
const MOST: i32 = 10_000;

/// A policy whose weights sum to 100, and every question of which can be answered.
///
/// # Errors
/// Every fault.
pub fn parse_qualification_policy(mut new: NewQualificationPolicy) -> Result<NewQualificationPolicy, Faults> {
    let mut faults = Faults::default();
    faults.text("/name", &mut new.name, 200, &[]);
    let mut seen = HashSet::new();
    for (i, criterion) in new.criteria.iter_mut().enumerate() {
        if !seen.insert(criterion.key.clone()) {
            faults.add(&format!("/criteria/{i}/key"), "not-unique", "is there twice");
        }
        faults.extend(unfit_criterion(criterion).under(&format!("/criteria/{i}")));
    }
    let sum: i64 = new.criteria.iter().map(|criterion| i64::from(criterion.weight)).sum();
    if sum != 100 {
        faults.add("/criteria", "weights-unequal", format!("the weights sum to {sum}; they must sum to 100"));
    }
    faults.range("/pass_from", Some(new.pass_from), 0, MOST);
    faults.range("/conditional_from", Some(new.conditional_from), 0, MOST);
    if new.conditional_from > new.pass_from {
        faults.add("/conditional_from", "above-pass", "must not be above `pass_from`");
    }
    faults.or(new)
}

fn unfit_criterion(criterion: &mut Criterion) -> Faults {
    let mut faults = Faults::default();
    if let Some((code, message)) = shape::key(&criterion.key) {
        faults.add("/key", code, message);
    }
    faults.text("/question", &mut criterion.question, 500, &[]);
    faults.range("/weight", Some(criterion.weight), 1, 100);
    let mut seen = HashSet::new();
    for (i, answer) in criterion.answers.iter_mut().enumerate() {
        if let Some((code, message)) = shape::key(&answer.key) {
            faults.add(&format!("/answers/{i}/key"), code, message);
        }
        if !seen.insert(answer.key.clone()) {
            faults.add(&format!("/answers/{i}/key"), "not-unique", "is there twice");
        }
        faults.text(&format!("/answers/{i}/label"), &mut answer.label, 200, &[]);
        faults.range(&format!("/answers/{i}/points"), Some(answer.points), 0, 100);
    }
    faults
}

/// Holds answers against a policy: the score is the sum over all criteria of weight (per cent) times points (0 to 100), in
/// hundredths of a point. A knock-out fails whatever the score.
///
/// # Errors
/// When a question has no answer, two, or one that the policy does not know.
pub fn qualify(
    policy: &NewQualificationPolicy,
    answers: &mut [QualificationAnswer],
) -> Result<QualificationResult, Faults> {
    let mut faults = Faults::default();
    let mut given: HashMap<&str, &AnswerChoice> = HashMap::new();
    let mut asked = HashSet::new();
    for (i, answer) in answers.iter_mut().enumerate() {
        faults.optional_text(&format!("/answers/{i}/note"), &mut answer.note, 1000, &[]);
        let Some(criterion) = policy.criteria.iter().find(|criterion| criterion.key == answer.criterion) else {
            faults.add(&format!("/answers/{i}/criterion"), "unknown-criterion", "the policy has no such criterion");
            continue;
        };
        if !asked.insert(&criterion.key) {
            faults.add(&format!("/answers/{i}/criterion"), "not-unique", "is answered twice");
        }
        match criterion.answers.iter().find(|choice| choice.key == answer.answer) {
            Some(choice) => {
                given.insert(&criterion.key, choice);
            }
            None => {
                let known: Vec<_> = criterion.answers.iter().map(|choice| choice.key.as_str()).collect();
                let message = format!("must be one of {}", known.join(", "));
                faults.add(&format!("/answers/{i}/answer"), "unknown-answer", message);
            }
        }
    }
    for criterion in policy.criteria.iter().filter(|criterion| !asked.contains(&criterion.key)) {
        faults.add("/answers", "missing-answer", format!("{} is not answered", criterion.key));
    }
    faults.or(())?;
    let answered = || policy.criteria.iter().filter_map(|one| Some((one, *given.get(one.key.as_str())?)));
    let contributions: Vec<_> = answered().map(|(criterion, choice)| contribution(criterion, choice)).collect();
    let knocked_out_by: Vec<_> =
        answered().filter(|(_, choice)| choice.knock_out).map(|(criterion, _)| criterion.key.clone()).collect();
    let score = contributions.iter().map(|one| one.contribution).sum();
    let outcome = if !knocked_out_by.is_empty() || score < policy.conditional_from {
        QualificationOutcome::Fail
    } else if score < policy.pass_from {
        QualificationOutcome::Conditional
    } else {
        QualificationOutcome::Pass
    };
    Ok(QualificationResult { score, outcome, knocked_out_by, contributions })
}

fn contribution(criterion: &Criterion, choice: &AnswerChoice) -> Contribution {
    Contribution {
        criterion: criterion.key.clone(),
        group: criterion.group,
        weight: criterion.weight,
        points: choice.points,
        contribution: criterion.weight * choice.points,
    }
}

/// Why a decision cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionRefused {
    #[error("a decision is a person's: sign in instead of using a key")]
    NotAPerson,
    #[error("this was decided already; qualify the customer anew")]
    Decided,
    #[error("{} knocks the customer out: reject it, or qualify it anew when that has changed", .0.join(", "))]
    KnockedOut(Vec<String>),
}

/// Whether `by` may decide so. A score is advice, from which a person may depart for a reason; a knock-out is not.
///
/// # Errors
/// When not.
pub fn may_decide(
    by: &str,
    is_decided: bool,
    result: &QualificationResult,
    decision: QualificationDecision,
) -> Result<(), DecisionRefused> {
    if !by.starts_with("user:") {
        return Err(DecisionRefused::NotAPerson);
    }
    if is_decided {
        return Err(DecisionRefused::Decided);
    }
    match decision {
        QualificationDecision::Reject => Ok(()),
        QualificationDecision::Accept | QualificationDecision::Conditional if result.knocked_out_by.is_empty() => {
            Ok(())
        }
        QualificationDecision::Accept | QualificationDecision::Conditional => {
            Err(DecisionRefused::KnockedOut(result.knocked_out_by.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use registry_contract::CriterionGroup;

    use super::*;

    /// Version 1, which the migrations put into the database.
    const FIRST: &str = include_str!("default_qualification_policy.json");

    fn policy() -> NewQualificationPolicy {
        parse_qualification_policy(serde_json::from_str(FIRST).expect("it reads")).expect("it fits")
    }

    fn answers(given: &[(&str, &str)]) -> Vec<QualificationAnswer> {
        let answer = |(criterion, answer): &(&str, &str)| QualificationAnswer {
            criterion: (*criterion).to_owned(),
            answer: (*answer).to_owned(),
            note: None,
        };
        given.iter().map(answer).collect()
    }

    const BEST: [(&str, &str); 8] = [
        ("need", "stated"),
        ("timing", "half_year"),
        ("fit", "core"),
        ("budget", "approved"),
        ("legality", "clear"),
        ("history", "good"),
        ("payment", "on_time"),
        ("solvency", "strong"),
    ];

    fn with(changes: &[(&str, &str)]) -> QualificationResult {
        let changed = BEST.map(|(criterion, best)| {
            let change = changes.iter().find(|(changed, _)| *changed == criterion);
            (criterion, change.map_or(best, |(_, answer)| *answer))
        });
        qualify(&policy(), &mut answers(&changed)).expect("all is answered")
    }

    #[test]
    fn the_first_policy_asks_of_every_group() {
        let groups: HashSet<_> = policy().criteria.iter().map(|criterion| criterion.group).collect();
        assert_eq!(groups, CriterionGroup::ALL.iter().copied().collect());
    }

    #[test]
    fn thresholds_and_knock_outs_decide_the_outcome() {
        use QualificationOutcome as O;
        for (changes, score, outcome) in [
            (&[][..], 10_000, O::Pass),
            (&[("need", "unclear"), ("fit", "outside")], 6_900, O::Pass),
            (&[("need", "unclear"), ("fit", "outside"), ("budget", "planned")], 6_300, O::Conditional),
            (&[("need", "unclear"), ("fit", "outside"), ("budget", "none"), ("history", "disputes")], 4_050, O::Fail),
            (&[("payment", "default")], 8_800, O::Fail),
        ] {
            let result = with(changes);
            assert_eq!((result.score, result.outcome), (score, outcome), "{changes:?}");
        }
        assert_eq!(with(&[("need", "none"), ("legality", "breach")]).knocked_out_by, ["need", "legality"]);
    }

    #[test]
    fn every_fault_of_the_answers_is_named() {
        let mut wrong = answers(&[("need", "stated"), ("need", "latent"), ("timing", "never"), ("mood", "good")]);
        let faults = qualify(&policy(), &mut wrong).expect_err("is wrong").into_vec();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        let mut expected = vec![
            ("/answers/1/criterion", "not-unique"),
            ("/answers/2/answer", "unknown-answer"),
            ("/answers/3/criterion", "unknown-criterion"),
        ];
        expected.extend([("/answers", "missing-answer"); 6]);
        assert_eq!(found, expected);
    }

    #[test]
    fn every_fault_of_a_policy_is_named() {
        let mut wrong = policy();
        wrong.criteria.truncate(2);
        wrong.criteria[1].key = "need".into();
        wrong.criteria[1].answers[0].points = 101;
        wrong.criteria[1].answers[1].key = "Half".into();
        wrong.conditional_from = 9_000;
        let faults = parse_qualification_policy(wrong).expect_err("is wrong").into_vec();
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/criteria/1/key", "not-unique"),
                ("/criteria/1/answers/0/points", "out-of-range"),
                ("/criteria/1/answers/1/key", "bad-format"),
                ("/criteria", "weights-unequal"),
                ("/conditional_from", "above-pass"),
            ]
        );
    }

    #[test]
    fn a_person_decides_once_and_not_against_a_knock_out() {
        use QualificationDecision as D;
        let (right, out) = (with(&[]), with(&[("need", "none")]));
        let knocked_out = Err(DecisionRefused::KnockedOut(vec!["need".into()]));
        for (by, is_decided, result, decision, expected) in [
            ("user:a", false, &right, D::Accept, Ok(())),
            ("user:a", false, &right, D::Reject, Ok(())),
            ("user:a", false, &out, D::Reject, Ok(())),
            ("user:a", false, &out, D::Conditional, knocked_out.clone()),
            ("user:a", false, &out, D::Accept, knocked_out),
            ("user:a", true, &right, D::Accept, Err(DecisionRefused::Decided)),
            ("key:a", false, &right, D::Accept, Err(DecisionRefused::NotAPerson)),
        ] {
            assert_eq!(may_decide(by, is_decided, result, decision), expected, "{by} {decision}");
        }
    }

    /// Any policy that fits, with an answer to each of its questions.
    fn answered() -> impl Strategy<Value = (NewQualificationPolicy, Vec<QualificationAnswer>)> {
        let criterion =
            (1..5i32, prop::collection::vec((0..=100i32, any::<bool>()), 2..5), any::<prop::sample::Index>());
        let thresholds = (0..=MOST, 0..=MOST);
        (prop::collection::vec(criterion, 1..12), thresholds).prop_map(|(criteria, (a, b))| {
            let mut rest = 100;
            let (last, mut answers) = (criteria.len() - 1, vec![]);
            let criteria = criteria.into_iter().enumerate().map(|(i, (weight, choices, chosen))| {
                let weight = if i == last { rest } else { weight };
                rest -= weight;
                let choice = |(k, (points, knock_out)): (usize, &(i32, bool))| AnswerChoice {
                    key: format!("a{k}"),
                    label: "x".into(),
                    points: *points,
                    knock_out: *knock_out,
                };
                let answer = format!("a{}", chosen.index(choices.len()));
                answers.push(QualificationAnswer { criterion: format!("c{i}"), answer, note: None });
                let group = CriterionGroup::ALL[i % CriterionGroup::ALL.len()];
                let answers = choices.iter().enumerate().map(choice).collect();
                Criterion { key: format!("c{i}"), group, question: "x".into(), weight, answers }
            });
            let criteria = criteria.collect();
            let policy =
                NewQualificationPolicy { name: "x".into(), criteria, pass_from: a.max(b), conditional_from: a.min(b) };
            (policy, answers)
        })
    }

    proptest! {
        #[test]
        fn a_score_is_the_sum_of_its_contributions_and_within_its_bounds((policy, mut answers) in answered()) {
            let policy = parse_qualification_policy(policy).expect("it fits");
            let result = qualify(&policy, &mut answers).expect("all is answered");
            prop_assert!((0..=MOST).contains(&result.score));
            prop_assert_eq!(result.score, result.contributions.iter().map(|one| one.contribution).sum::<i32>());
            prop_assert_eq!(result.contributions.len(), policy.criteria.len());
            if !result.knocked_out_by.is_empty() {
                prop_assert_eq!(result.outcome, QualificationOutcome::Fail);
            }
            prop_assert_eq!(qualify(&policy, &mut answers), Ok(result), "the same answers score the same");
        }
    }
}
