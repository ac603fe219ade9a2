"""What is laid into a Kubernetes cluster, as objects of its API. Pure: answers and outputs in, manifests out."""
