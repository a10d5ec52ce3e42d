// Command check reads rendered Kubernetes manifests from standard input and
// decodes each into its API type, strictly: a field that the API does not have
// is a fault. It is a module of its own, so that the bot does not depend on
// Kubernetes.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8syaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// kinds makes an empty object of each kind that the chart may have.
var kinds = map[string]func() any{
	"apps/v1 Deployment":                     func() any { return &apps.Deployment{} },
	"apps/v1 StatefulSet":                    func() any { return &apps.StatefulSet{} },
	"v1 Service":                             func() any { return &core.Service{} },
	"policy/v1 PodDisruptionBudget":          func() any { return &policy.PodDisruptionBudget{} },
	"autoscaling/v2 HorizontalPodAutoscaler": func() any { return &autoscaling.HorizontalPodAutoscaler{} },
	"networking.k8s.io/v1 Ingress":           func() any { return &networking.Ingress{} },
	"networking.k8s.io/v1 NetworkPolicy":     func() any { return &networking.NetworkPolicy{} },
	"monitoring.coreos.com/v1 PodMonitor":    func() any { return &monitoring.PodMonitor{} },
}

func main() {
	n, err := check(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
	fmt.Printf("%d manifests fit the Kubernetes API\n", n)
}

func check(in io.Reader) (int, error) {
	docs := k8syaml.NewYAMLReader(bufio.NewReader(in))
	n := 0
	var errs []error
	for {
		doc, err := docs.Read()
		if err == io.EOF {
			if n == 0 {
				errs = append(errs, errors.New("there are no manifests"))
			}
			return n, errors.Join(errs...)
		}
		if err != nil {
			return n, err
		}
		var head meta.TypeMeta
		if err := yaml.Unmarshal(doc, &head); err != nil {
			errs = append(errs, err)
			continue
		}
		if head.Kind == "" { // nothing but comments
			continue
		}
		name := head.APIVersion + " " + head.Kind
		empty, ok := kinds[name]
		if !ok {
			errs = append(errs, fmt.Errorf("the kind %s is not known here", name))
			continue
		}
		if err := yaml.UnmarshalStrict(doc, empty()); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		n++
	}
}
