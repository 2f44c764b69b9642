#!/bin/sh
# A git rebase with a hook, an --exec and a command that fails: rebase.sh DIRECTORY
set -eu
cd -- "$1"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_EDITOR=true
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
git init -q -b main repository
cd repository
printf '#!/bin/sh\ntrue\n' >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
for number in 1 2 3; do
    echo "$number" >"file$number"
    git add .
    git commit -q -m "$number"
done
git checkout -q -b side HEAD~2
for number in 4 5; do
    echo "$number" >"file$number"
    git add .
    git commit -q -m "$number"
done
git rebase -q --exec 'true; false' main || git rebase --abort
git rebase -q -i --exec true main
git gc -q
