//! Short forms of given names that address books agree on, one meaning each: a form that stands for several names is left out.

/// Short form, full form.
const SHORT: &[(&str, &str)] = &[
    ("abby", "abigail"),
    ("andy", "andrew"),
    ("barb", "barbara"),
    ("becky", "rebecca"),
    ("ben", "benjamin"),
    ("bernie", "bernard"),
    ("bill", "william"),
    ("bob", "robert"),
    ("cathy", "catherine"),
    ("chuck", "charles"),
    ("cindy", "cynthia"),
    ("dave", "david"),
    ("debbie", "deborah"),
    ("dima", "dmitry"),
    ("don", "donald"),
    ("doug", "douglas"),
    ("eddie", "edward"),
    ("fred", "frederick"),
    ("greg", "gregory"),
    ("jeff", "jeffrey"),
    ("jim", "james"),
    ("joe", "joseph"),
    ("josh", "joshua"),
    ("katya", "ekaterina"),
    ("ken", "kenneth"),
    ("larry", "lawrence"),
    ("liz", "elizabeth"),
    ("maggie", "margaret"),
    ("matt", "matthew"),
    ("mike", "michael"),
    ("misha", "mikhail"),
    ("nate", "nathaniel"),
    ("pam", "pamela"),
    ("pete", "peter"),
    ("phil", "philip"),
    ("ray", "raymond"),
    ("rich", "richard"),
    ("rob", "robert"),
    ("ron", "ronald"),
    ("steve", "steven"),
    ("sue", "susan"),
    ("ted", "theodore"),
    ("tim", "timothy"),
    ("tom", "thomas"),
    ("tony", "anthony"),
    ("vicky", "victoria"),
    ("volodya", "vladimir"),
    ("will", "william"),
    ("zach", "zachary"),
];

/// The other forms of a folded given name: the full form of a short one, the short forms of a full one.
pub(super) fn other_forms(given: &str) -> impl Iterator<Item = &'static str> {
    SHORT.iter().filter_map(move |&(short, full)| match given {
        g if g == short => Some(full),
        g if g == full => Some(short),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_full_forms_lead_to_each_other() {
        assert_eq!(other_forms("bob").collect::<Vec<_>>(), ["robert"]);
        assert_eq!(other_forms("robert").collect::<Vec<_>>(), ["bob", "rob"]);
        assert_eq!(other_forms("jane").count(), 0);
    }
}
