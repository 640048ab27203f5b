//! Git identities of one person.

use std::collections::HashMap;

use super::authors::Author;
use super::clusters::Clusters;
use super::employers::Employers;
use super::limits::Limits;
use super::names::Name;
use super::population::{Population, key_of};
use super::profile::{Block, Profiles};
use model::order;

/// Joins the authors of one person in `clusters`, where author `i` is member `first + i`. Answers, for members
/// joined by a name or a handle, how many strangers would share that.
pub(super) fn join(
    authors: &[Author],
    population: &Population,
    employers: &Employers,
    limits: &Limits,
    clusters: &mut Clusters,
    first: usize,
) -> HashMap<u32, f64> {
    let same = blocks(authors, |author, emit| {
        author.emails.iter().for_each(|e| emit(key_of(&["mail", &e.key]), 0.0));
        author.logins.iter().for_each(|l| emit(key_of(&["login", l]), 0.0));
        author.accounts.iter().for_each(|a| emit(key_of(&["account", a]), 0.0));
    });
    same.iter().for_each(|block| join_all(&block.authors, clusters, first));
    let mut likely = blocks(authors, |author, emit| {
        let chance = expected_namesakes(&author.name, population);
        // Where others bear both words, either may be the given name, and `Martin Thomas` is not `Thomas Martin`.
        let both_are_common = author.name.words.iter().all(|word| population.bearers(word) > 1);
        if let Some(key) = author.name.key(both_are_common).filter(|_| chance <= limits.author_name) {
            emit(key_of(&["name", &key]), chance);
        }
    });
    likely.extend(blocks(authors, |author, emit| {
        for handle in author.handles() {
            let chance = population.choosing(&handle);
            if chance <= limits.author_handle {
                emit(key_of(&["handle", &handle]), chance);
            }
        }
    }));
    let mut profiles = Profiles::of(&likely, authors, employers, clusters, first);
    let mut chances: HashMap<u32, f64> = HashMap::new();
    for block in likely {
        if profiles.join(&block, clusters) {
            let members = block.authors.iter().map(|&i| i + first as u32);
            members.for_each(|member| _ = chances.entry(member).or_insert(block.chance));
        }
    }
    chances
}

/// Authors under each key that two or more of them have, in the order of their first member.
fn blocks(authors: &[Author], keys: impl Fn(&Author, &mut dyn FnMut(u64, f64))) -> Vec<Block> {
    let mut pairs: Vec<(u64, u32, f64)> = Vec::new();
    for (i, author) in authors.iter().enumerate() {
        keys(author, &mut |key, chance| pairs.push((key, i as u32, chance)));
    }
    pairs.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    pairs.dedup_by_key(|pair| (pair.0, pair.1));
    let block = |chunk: &[(u64, u32, f64)]| Block {
        authors: chunk.iter().map(|pair| pair.1).collect(),
        chance: chunk.iter().map(|pair| pair.2).fold(0.0, f64::max),
    };
    let mut blocks: Vec<Block> = pairs.chunk_by(|a, b| a.0 == b.0).filter(|chunk| chunk.len() > 1).map(block).collect();
    order::sort_by(&mut blocks, |a, b| a.authors.cmp(&b.authors));
    blocks
}

fn join_all(block: &[u32], clusters: &mut Clusters, first: usize) {
    for pair in block.windows(2) {
        clusters.join(pair[0] + first as u32, pair[1] + first as u32);
    }
}

fn expected_namesakes(name: &Name, population: &Population) -> f64 {
    let (Some(one), Some(other)) = (name.words.first(), name.words.last()) else {
        return f64::INFINITY;
    };
    population.sharing_both(one, other)
}
