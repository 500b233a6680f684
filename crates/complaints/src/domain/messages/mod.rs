//! What whoever complained is told at each step, by which way, and what becomes of it.

mod delivery;
mod shipped;
mod template;

use complaints_contract::{Channel, Happening};

use super::Intake;

pub use delivery::{ATTEMPTS, Delivery, ERASED, NO_REPORT, NotExpected, kept_failure};
pub use shipped::{LANGUAGES, STEPS, shipped};
pub use template::{Message, Template, Values, ask, html};

/// Whether nothing is told at this step unless a handler adds a note.
#[must_use]
pub const fn only_with_note(step: Happening) -> bool {
    matches!(step, Happening::Accepted | Happening::Resumed | Happening::FollowedUp | Happening::Contained)
}

/// The step whose template is used: those that are told only with a note are told as news are.
#[must_use]
pub const fn template_of(step: Happening) -> Happening {
    match step {
        Happening::Accepted | Happening::Resumed | Happening::FollowedUp | Happening::Contained => Happening::Informed,
        other => other,
    }
}

/// Languages in which to look for a template, best first.
#[must_use]
pub fn languages(tag: &str) -> Vec<String> {
    let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let last = if primary == "zh" { "zh-CN" } else { "en" };
    let mut tags = vec![tag.to_owned(), primary, last.to_owned()];
    tags.dedup();
    tags
}

/// The way a message goes: the preferred one, else the one by which the complaint came; who came through the portal and
/// gave an address is written to. `Portal` leads nowhere without a secret: see [`without_portal`].
#[must_use]
pub fn way(intake: &Intake, came_by: Channel) -> Option<Channel> {
    let complainant = intake.complainant.as_ref();
    let preferred = complainant.and_then(|complainant| complainant.preferred_channel);
    // Nobody claims what goes to ourselves.
    let preferred = preferred.filter(|way| *way != Channel::Internal);
    let written_to = complainant.is_some_and(|complainant| complainant.email.is_some());
    match (preferred, came_by) {
        (Some(preferred), _) => Some(preferred),
        // Nobody complained: whoever takes it up speaks with the customer.
        (None, Channel::Internal) => None,
        (None, Channel::Portal | Channel::Web) if written_to => Some(Channel::Email),
        (None, came_by) => Some(came_by),
    }
}

/// The way of a message to whoever has no secret to find it in the portal. Without any other it waits for whoever claims
/// for the portal, and is seen to be unsent.
#[must_use]
pub fn without_portal(intake: &Intake, has_desk: bool) -> Channel {
    let has = |way| address(intake, way).is_some();
    if has(Channel::Email) {
        Channel::Email
    } else if has(Channel::Phone) {
        Channel::Phone
    } else if has_desk {
        Channel::Desk
    } else {
        Channel::Portal
    }
}

/// Where a message of this way goes, as far as whoever complained said.
#[must_use]
pub fn address(intake: &Intake, way: Channel) -> Option<String> {
    let complainant = intake.complainant.as_ref()?;
    match way {
        Channel::Email => complainant.email.clone(),
        Channel::Phone | Channel::Fax => complainant.phone.clone(),
        Channel::Web
        | Channel::PostalMail
        | Channel::Referral
        | Channel::Portal
        | Channel::Desk
        | Channel::InPerson
        | Channel::Internal => None,
    }
}

#[cfg(test)]
mod tests {
    use complaints_contract::Complainant;

    use super::*;

    #[test]
    fn the_preferred_way_comes_first_and_then_the_one_it_came_by() {
        let intake = |preferred_channel, email: Option<&str>| Intake {
            complainant: Some(Complainant {
                email: email.map(str::to_owned),
                preferred_channel,
                ..Complainant::default()
            }),
            ..Intake::default()
        };
        let mail = Some("wang@example.com");
        for (intake, came_by, expected) in [
            (Intake::default(), Channel::Phone, Channel::Phone),
            (Intake::default(), Channel::Portal, Channel::Portal),
            (intake(None, mail), Channel::Portal, Channel::Email),
            (intake(None, mail), Channel::Phone, Channel::Phone),
            (intake(Some(Channel::Email), mail), Channel::Phone, Channel::Email),
            (intake(Some(Channel::Portal), mail), Channel::Portal, Channel::Portal),
            (intake(Some(Channel::Internal), mail), Channel::Phone, Channel::Phone),
        ] {
            assert_eq!(way(&intake, came_by), Some(expected));
        }
        assert_eq!(way(&Intake::default(), Channel::Internal), None);
    }

    #[test]
    fn who_cannot_look_into_the_portal_is_told_by_another_way() {
        let intake = |email: Option<&str>, phone: Option<&str>| Intake {
            complainant: Some(Complainant {
                email: email.map(str::to_owned),
                phone: phone.map(str::to_owned),
                ..Complainant::default()
            }),
            ..Intake::default()
        };
        let (mail, phone) = (Some("wang@example.com"), Some("+86 755 2878 0808"));
        for (intake, has_desk, expected) in [
            (intake(mail, phone), true, Channel::Email),
            (intake(None, phone), true, Channel::Phone),
            (intake(None, None), true, Channel::Desk),
            (Intake::default(), false, Channel::Portal),
        ] {
            assert_eq!(without_portal(&intake, has_desk), expected);
        }
    }

    #[test]
    fn a_language_falls_back_on_its_family_and_then_on_what_is_shipped() {
        assert_eq!(languages("zh-TW"), ["zh-TW", "zh", "zh-CN"]);
        assert_eq!(languages("en"), ["en"]);
        assert_eq!(languages("pt-BR"), ["pt-BR", "pt", "en"]);
    }
}
