package export

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func filesOf(namesAndContents ...string) (files []file) {
	for i := 0; i < len(namesAndContents); i += 2 {
		files = append(files, file{namesAndContents[i], []byte(namesAndContents[i+1])})
	}
	return files
}

// entries are the names in a folder, hidden ones too.
func entries(t *testing.T, folder string) string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

func TestSave(t *testing.T) {
	parent := t.TempDir()
	folder := filepath.Join(parent, "a", "b")
	if err := save(folder, filesOf("x.tf", "1", "y.tf", "2"), false); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, folder) + "," + entries(t, filepath.Dir(folder)); got != "x.tf y.tf,b" {
		t.Errorf("there is %q", got)
	}

	err := save(folder, filesOf("w.tf", "3", "y.tf", "3"), false)
	want := "nothing was written, because there is already:\n  " + filepath.Join(folder, "y.tf") + "\nChoose another folder, or overwrite with -force"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	if got := entries(t, folder) + configuration(t, folder)["y.tf"]; got != "x.tf y.tf2" {
		t.Errorf("after the refusal there is %q", got)
	}

	if err := save(folder, filesOf("w.tf", "3", "y.tf", "3"), true); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, folder) + configuration(t, folder)["y.tf"]; got != "w.tf x.tf y.tf3" {
		t.Errorf("with -force there is %q", got)
	}
	if got := strings.Join(otherConfiguration(folder, filesOf("w.tf", "", "y.tf", "")), " "); got != "x.tf" {
		t.Errorf("the other files are %q", got)
	}

	if err := save(filepath.Join(folder, "x.tf"), filesOf("w.tf", ""), true); err == nil || !strings.HasSuffix(err.Error(), "x.tf is not a folder") {
		t.Errorf("the error is %v", err)
	}
	// A folder that is there, but empty, such as a new repository.
	empty := t.TempDir()
	if err := save(empty, filesOf("w.tf", "4"), false); err != nil || entries(t, empty) != "w.tf" {
		t.Errorf("%v, and there is %q", err, entries(t, empty))
	}
}

// If one file cannot be put in its place, the folder is as it was.
func TestSaveAllOrNothing(t *testing.T) {
	folder := t.TempDir()
	if err := save(folder, filesOf("a.tf", "old", "c.tf", "old"), false); err != nil {
		t.Fatal(err)
	}
	staged := filepath.Join(t.TempDir(), "staged")
	if err := save(staged, filesOf("a.tf", "new", "b.tf", "new"), false); err != nil {
		t.Fatal(err)
	}
	if err := replace(folder, staged, filesOf("a.tf", "", "b.tf", "", "c.tf", "")); err == nil { // c.tf is not staged
		t.Fatal("no error")
	}
	files := configuration(t, folder)
	if entries(t, folder) != "a.tf c.tf" || files["a.tf"] != "old" || files["c.tf"] != "old" {
		t.Errorf("there is %q", files)
	}
}
