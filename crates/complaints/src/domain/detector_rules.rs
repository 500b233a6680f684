//! What a rule of a detector must be.

use complaints_contract::{Detector, DetectorRule};
use problem::FieldError;
use registry_contract::Tier;

use super::Faults;
use super::detectors::cadence;

/// Refuses a rule by which the detector could never speak, naming every wrong field at once.
///
/// # Errors
/// What is wrong with it.
pub fn parse(detector: Detector, rule: DetectorRule) -> Result<DetectorRule, Vec<FieldError>> {
    let mut faults = Faults::default();
    let most = match detector {
        // Nothing falls by more than all of it.
        Detector::CancelledMeetings | Detector::FallingAttendance | Detector::FallingOrders => 100,
        Detector::OverduePayments | Detector::SilentKeyPerson | Detector::AbruptManner | Detector::SurveySilence => {
            10_000
        }
    };
    for (pointer, number, most) in [
        ("/window_days", i64::from(rule.window_days), 730),
        ("/threshold", rule.threshold, most),
        ("/least_facts", i64::from(rule.least_facts), 1_000),
    ] {
        if !(1..=most).contains(&number) {
            faults.add(pointer, "out-of-range", format!("must be from 1 to {most}"));
        }
    }
    let shortest = cadence(Tier::S).num_days();
    if detector == Detector::SilentKeyPerson
        && i64::from(rule.window_days) * 100 < rule.threshold.saturating_mul(shortest)
    {
        faults.add(
            "/window_days",
            "too-short",
            "is shorter than the silence that the threshold asks for, even of tier S",
        );
    }
    faults.none_or(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_by_which_a_detector_could_never_speak_is_refused() {
        for (detector, window_days, threshold, least_facts, expected) in [
            (Detector::OverduePayments, 90, 30, 1, vec![]),
            (Detector::OverduePayments, 0, 0, 0, vec!["/window_days", "/threshold", "/least_facts"]),
            (Detector::OverduePayments, 731, 10_001, 1_001, vec!["/window_days", "/threshold", "/least_facts"]),
            (Detector::FallingOrders, 90, 100, 1, vec![]),
            (Detector::FallingOrders, 90, 101, 1, vec!["/threshold"]),
            (Detector::SilentKeyPerson, 28, 200, 1, vec![]),
            (Detector::SilentKeyPerson, 27, 200, 1, vec!["/window_days"]),
        ] {
            let rule = DetectorRule { enabled: true, window_days, threshold, least_facts };
            let faults = parse(detector, rule).err().unwrap_or_default();
            let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(pointers, expected, "{detector} {rule:?}");
        }
    }
}
