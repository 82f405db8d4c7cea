#!/usr/bin/env bash
# Has what the deployments of images need on this machine: a registry, and what copies and unpacks images.
exec bash "$(dirname "$0")/debian-programs.sh" docker-registry skopeo umoci
