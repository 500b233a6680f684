use uuid::Uuid;

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// Digest of a set of facts: 32 hexadecimal digits of FNV-1a (128 bits) over the lines `<id> <sequence>\n`, ordered by
/// id. Two sides that hold the same facts in the same versions give the same digest, in whatever order they list them.
/// It finds differences; it is no protection against forgery.
pub fn facts_digest(facts: impl IntoIterator<Item = (Uuid, i64)>) -> String {
    let mut facts: Vec<_> = facts.into_iter().collect();
    facts.sort_unstable();
    let hash = facts
        .iter()
        .map(|(id, sequence)| format!("{id} {sequence}\n"))
        .fold(OFFSET, |hash, line| line.bytes().fold(hash, step));
    format!("{hash:032x}")
}

fn step(hash: u128, byte: u8) -> u128 {
    (hash ^ u128::from(byte)).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_sequence_does() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(facts_digest([(a, 1), (b, 2)]), facts_digest([(b, 2), (a, 1)]));
        assert_ne!(facts_digest([(a, 1)]), facts_digest([(a, 2)]));
        assert_eq!(facts_digest([]), "6c62272e07bb014262b821756295c58d");
    }

    /// Published test vector of FNV-1a 128: the letter `a`.
    #[test]
    fn is_fnv_1a() {
        assert_eq!(step(OFFSET, b'a'), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }
}
